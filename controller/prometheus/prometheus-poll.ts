/**
 * Polls Prometheus at intervals, for all TradingPipelines at once, and keeps the last response as its view. One failed
 * poll does not change the view. After the second failed poll in a row the response is dropped, so that the view is
 * always recent.
 */
import type { Log } from '#base/log.ts';
import { type Loop, startLoop } from '#base/repeat.ts';
import {
  buildPrometheusAnswer,
  type PrometheusView,
  type RawAnswers,
} from '../reconcile/monitoring/prometheus-view.ts';

interface PrometheusPollOptions {
  /** Sends all requests of one poll. @throws Error if one of the requests fails */
  readonly read: (abort: AbortSignal) => Promise<RawAnswers>;
  /** Time from the start of one poll to the start of the next. Default 15 s. */
  readonly everyMs?: number;
  readonly log: Log;
  /** Called after each poll of Prometheus, with its result. */
  readonly onAsked: (result: 'success' | 'error') => void;
}

const EVERY_MS = 15_000;
const FAILURES_TO_FORGET = 2;

export class PrometheusPoll {
  readonly #options: PrometheusPollOptions;
  #view: PrometheusView = { state: 'waiting' };
  #failures = 0;
  #loop: Loop | undefined;

  constructor(options: PrometheusPollOptions) {
    this.#options = options;
  }

  get view(): PrometheusView {
    return this.#view;
  }

  start(): void {
    const { everyMs = EVERY_MS } = this.#options;
    this.#loop = startLoop(async (abort) => {
      const startedAt = performance.now();
      await this.#ask(abort);
      return Math.max(0, everyMs - (performance.now() - startedAt));
    });
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  async #ask(abort: AbortSignal): Promise<void> {
    const { read, log, onAsked } = this.#options;
    let failure: Error | undefined;
    try {
      const answer = buildPrometheusAnswer(await read(abort));
      this.#failures = 0;
      this.#view = { state: 'answered', answer };
    } catch (error) {
      failure = error as Error;
      this.#failures += 1;
      if (this.#view.state !== 'answered' || this.#failures >= FAILURES_TO_FORGET)
        this.#view = { state: 'unreachable', error: failure.message };
    }
    if (abort.aborted) return;
    if (failure) log.warn({ error: failure.message }, 'Prometheus does not answer');
    onAsked(failure ? 'error' : 'success');
  }
}
