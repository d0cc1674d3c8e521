/**
 * Makes the backend have what resources declare, by comparing all with all: at a steady pace, and at once when a resource has
 * changed. One question a round, however many resources there are; then only what differs is told. While the backend does not
 * answer it is asked again soon, then ever less often.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelay } from '#base/retry-delay.ts';
import type { PipelineDeclaration } from '#catalogue/declared-pipelines.ts';
import type { BackendView, DeclarationRefusal, RegisteredPipeline } from '../reconcile/registration/backend-view.ts';
import {
  type DeclarationPlan,
  planDeclarations,
  type WantedPipeline,
} from '../reconcile/registration/plan-declarations.ts';
import { type BackendClient, BackendError } from './backend-client.ts';

export interface PipelineRegistrarOptions {
  readonly client: BackendClient;
  /** Between two questions. Default 15 s. */
  readonly everyMs?: number;
  /** What resources ask for, by id. */
  readonly wanted: () => ReadonlyMap<string, WantedPipeline>;
  /** Whether that is all, and this process is the one that writes. */
  readonly mayTell: () => boolean;
  readonly watches: (namespace: string) => boolean;
  /** After each question, answered or not. */
  readonly onAsked: (error: Error | undefined) => void;
  /** These were told, and did it or refused. */
  readonly onTold: (pipelineIds: readonly string[]) => void;
}

const EVERY_MS = 15_000;
const FIRST_RETRY_MS = 500;
/** Changes that come together are told together. */
const COALESCE_MS = 20;
const AT_ONCE = 8;

export class PipelineRegistrar {
  readonly #options: PipelineRegistrarOptions;
  readonly #stopping = new AbortController();
  #view: BackendView = { state: 'waiting' };
  #failures = 0;
  #askAtMs = 0;
  #woken = false;
  #telling = new AbortController();
  #pause: AbortController | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: PipelineRegistrarOptions) {
    this.#options = options;
  }

  get view(): BackendView {
    return this.#view;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** A resource has changed, or this process may write now. */
  wake(): void {
    this.#woken = true;
    this.#pause?.abort();
  }

  /** This process may not write any more: what has no answer yet is broken off. */
  breakOff(): void {
    this.#telling.abort();
    this.#telling = new AbortController();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#woken = false;
      const isDue = performance.now() >= this.#askAtMs;
      if (isDue) await this.#ask();
      await this.#tell(isDue);
      await this.#rest();
    }
  }

  async #ask(): Promise<void> {
    const { client, everyMs = EVERY_MS, onAsked } = this.#options;
    const startedAt = performance.now();
    let failure: Error | undefined;
    try {
      const pipelines = await client.read(this.#stopping.signal);
      this.#view = { state: 'answered', pipelines, refusals: this.#refusals() };
      this.#failures = 0;
      this.#askAtMs = startedAt + everyMs;
    } catch (error) {
      failure = error as Error;
      this.#lose(failure);
    }
    if (!this.#stopping.signal.aborted) onAsked(failure);
  }

  #refusals(): ReadonlyMap<string, DeclarationRefusal> {
    return this.#view.state === 'answered' ? this.#view.refusals : new Map();
  }

  /** Nothing is known any more, but what was known last. */
  #lose(failure: Error): void {
    const state = isTokenRefused(failure) ? 'tokenRefused' : 'unreachable';
    const lastPipelines = 'pipelines' in this.#view ? this.#view.pipelines : lastPipelinesOf(this.#view);
    this.#view = { state, error: failure.message, ...(lastPipelines && { lastPipelines }) };
    this.#askSoon();
  }

  #askSoon(): void {
    const { everyMs = EVERY_MS } = this.#options;
    const delay = backoffDelay(this.#failures, { baseMs: FIRST_RETRY_MS, maxMs: everyMs }, Math.random);
    this.#failures += 1;
    this.#askAtMs = performance.now() + delay;
  }

  /** Tells what differs. What was refused is tried again only after a question. */
  async #tell(isRetry: boolean): Promise<void> {
    const { client, wanted, watches, mayTell } = this.#options;
    if (this.#view.state !== 'answered' || !mayTell()) return;
    const { pipelines, refusals } = this.#view;
    const plan = planDeclarations({ wanted: wanted(), pipelines, watches, ...(!isRetry && { refusals }) });
    const signal = AbortSignal.any([this.#stopping.signal, this.#telling.signal]);
    const round = new Round({ client, signal, mayTell }, this.#view);
    const told = await round.tell(plan);
    if (told.length === 0 || signal.aborted) return;
    this.#view = { state: 'answered', pipelines: round.pipelines, refusals: round.refusals };
    if (round.failed) this.#askSoon();
    this.#options.onTold(told);
  }

  async #rest(): Promise<void> {
    this.#pause = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, this.#pause.signal]);
    const untilAsked = Math.max(0, this.#askAtMs - performance.now());
    if (!this.#woken) await sleep(untilAsked, undefined, { signal }).catch(() => undefined);
    if (this.#woken) await sleep(COALESCE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function lastPipelinesOf(view: BackendView) {
  return 'lastPipelines' in view ? view.lastPipelines : undefined;
}

function isTokenRefused(error: Error): boolean {
  return error instanceof BackendError && (error.status === 401 || error.status === 403);
}

interface Telling {
  readonly id: string;
  /** Nothing: it is withdrawn. */
  readonly declaration?: PipelineDeclaration;
}

interface RoundMeans extends Pick<PipelineRegistrarOptions, 'client' | 'mayTell'> {
  readonly signal: AbortSignal;
}

/** One round of telling, and what the backend has after it. */
class Round {
  readonly pipelines: Map<string, RegisteredPipeline>;
  readonly refusals: Map<string, DeclarationRefusal>;
  readonly #means: RoundMeans;
  /** The backend failed at something: the rest can wait. */
  failed = false;

  constructor(means: RoundMeans, view: Extract<BackendView, { state: 'answered' }>) {
    this.#means = means;
    this.pipelines = new Map(view.pipelines);
    this.refusals = new Map(view.refusals);
  }

  /** The ids of what was told. What was refused before comes last, so that it keeps nothing else from its turn. */
  async tell({ declare, withdraw }: DeclarationPlan): Promise<string[]> {
    const all: Telling[] = [...withdraw.map((id) => ({ id })), ...declare];
    const inTurn = [
      ...all.filter(({ id }) => !this.refusals.has(id)),
      ...all.filter(({ id }) => this.refusals.has(id)),
    ];
    const told: string[] = [];
    const { signal, mayTell } = this.#means;
    while (inTurn.length > 0 && !this.failed && !signal.aborted && mayTell()) {
      const some = inTurn.splice(0, AT_ONCE);
      await Promise.all(some.map((telling) => this.#tellOne(telling)));
      told.push(...some.map(({ id }) => id));
    }
    return told;
  }

  async #tellOne({ id, declaration }: Telling): Promise<void> {
    const { client, signal } = this.#means;
    try {
      if (declaration) await client.declare(id, declaration, signal);
      else await client.withdraw(id, signal);
      this.#remember(id, declaration);
    } catch (error) {
      const why = whyRefused(error);
      this.failed ||= why === 'failed';
      this.refusals.set(id, { why, message: (error as Error).message, ...(declaration && { declaration }) });
    }
  }

  #remember(id: string, declaration: PipelineDeclaration | undefined): void {
    this.refusals.delete(id);
    const executions = this.pipelines.get(id)?.executions ?? { total: 0, failed: 0, last: null };
    if (declaration) this.pipelines.set(id, { declaration, executions });
    else this.pipelines.delete(id);
  }
}

function whyRefused(error: unknown): DeclarationRefusal['why'] {
  const status = error instanceof BackendError ? error.status : undefined;
  if (status === 409) return 'idTaken';
  return status === 400 ? 'wrong' : 'failed';
}
