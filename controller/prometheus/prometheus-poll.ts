/**
 * Asks Prometheus at a steady pace, once for all resources, and keeps its last answer. An answer is used until the second
 * question in a row has failed, and not longer: what is known of Prometheus is recent, or it is not known.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildPrometheusAnswer,
  type PrometheusView,
  type RawAnswers,
} from '../reconcile/monitoring/prometheus-view.ts';

export interface PrometheusPollOptions {
  /** Everything that is asked, or an error when one of the answers is missing. */
  readonly read: (signal: AbortSignal) => Promise<RawAnswers>;
  readonly everyMs?: number;
  /** After each question, answered or not. */
  readonly onAsked: (view: PrometheusView, error: Error | undefined) => void;
}

const EVERY_MS = 15_000;
const FAILURES_TO_FORGET = 2;

export class PrometheusPoll {
  readonly #options: PrometheusPollOptions;
  readonly #stopping = new AbortController();
  #view: PrometheusView = { state: 'waiting' };
  #failures = 0;
  #loop: Promise<void> | undefined;

  constructor(options: PrometheusPollOptions) {
    this.#options = options;
  }

  get view(): PrometheusView {
    return this.#view;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#ask(signal);
      const pause = Math.max(0, (this.#options.everyMs ?? EVERY_MS) - (performance.now() - startedAt));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #ask(signal: AbortSignal): Promise<void> {
    let failure: Error | undefined;
    try {
      const answer = buildPrometheusAnswer(await this.#options.read(signal));
      this.#failures = 0;
      this.#view = { state: 'answered', answer };
    } catch (error) {
      failure = error as Error;
      this.#failures += 1;
      if (this.#view.state !== 'answered' || this.#failures >= FAILURES_TO_FORGET)
        this.#view = { state: 'unreachable', error: failure.message };
    }
    if (!signal.aborted) this.#options.onAsked(this.#view, failure);
  }
}
