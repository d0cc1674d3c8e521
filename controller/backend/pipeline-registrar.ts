/**
 * Registers declared pipelines with the backend. The registrar polls the backend for all declared pipelines, compares
 * them with the pipelines that TradingPipelines declare, and sends only the differences. After a change of a
 * TradingPipeline, the registrar compares at once, with the last response of the backend. While the backend does not
 * respond, the pauses between polls grow.
 *
 * In names, `ask` means to read from the backend, and `tell` means to declare or to withdraw a pipeline.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#base/log.ts';
import { type Loop, startLoop } from '#base/repeat.ts';
import { backoffDelay } from '#base/retry-delay.ts';

import { type PipelineDeclaration, parseDeclaredPipelineId } from '#catalogue/declared-pipelines.ts';
import type { Emitted } from '#trading/signals/emitted.ts';
import { objectKey } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import {
  type BackendView,
  collectWantedPipelines,
  type DeclarationPlan,
  type DeclarationRefusal,
  planDeclarations,
  type RegisteredPipeline,
} from '../reconcile/registration/registration.ts';
import { type BackendClient, BackendError } from './backend-client.ts';

interface PipelineRegistrarOptions {
  readonly client: BackendClient;
  /** Time between two polls of the backend. Default 15 s. */
  readonly everyMs?: number;
  readonly log: Log;
  /**
   * The namespaces that this controller watches; all if absent. Declared pipelines of other namespaces are never
   * withdrawn.
   */
  readonly namespaces?: readonly string[] | undefined;
  readonly resources: () => Iterable<TradingPipeline>;
  /** Returns true while `resources` returns every TradingPipeline and this process is the leader. */
  readonly mayTell: () => boolean;
  /**
   * Called after each poll of the backend, successful or not, because the status of any TradingPipeline may be outdated
   * now.
   */
  readonly onAsked: () => void;
  /**
   * Called with the keys of the TradingPipelines whose pipelines were declared, withdrawn or refused, because the
   * status of these TradingPipelines is outdated now.
   */
  readonly onTold: (keys: readonly string[]) => void;
}

const EVERY_MS = 15_000;
const FIRST_RETRY_MS = 500;
/** Pause after a change, so that one comparison covers all changes that arrive within this time. */
const COALESCE_MS = 20;
/** Number of requests to the backend that run at the same time. */
const AT_ONCE = 8;

export class PipelineRegistrar {
  readonly #options: PipelineRegistrarOptions;
  #view: BackendView = { state: 'waiting' };
  #failures = 0;
  #askAtMs = 0;
  #woken = false;
  #telling = new AbortController();
  #loop: Loop | undefined;

  constructor(options: PipelineRegistrarOptions) {
    this.#options = options;
  }

  get view(): BackendView {
    return this.#view;
  }

  start(): void {
    this.#loop = startLoop((abort) => this.#round(abort));
  }

  /**
   * Triggers a comparison with the backend. Call this when a TradingPipeline has changed, or when this process has
   * become the leader.
   */
  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.#loop?.wake();
  }

  /** Aborts the declarations and withdrawals in flight. Call this when this process is no longer the leader. */
  breakOff(): void {
    this.#telling.abort();
    this.#telling = new AbortController();
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /**
   * Polls the backend if a poll is due, then declares and withdraws pipelines where the backend differs. Returns the
   * pause before the next iteration, in milliseconds.
   */
  async #round(abort: AbortSignal): Promise<number> {
    if (this.#woken) await sleep(COALESCE_MS, undefined, { signal: abort }).catch(() => undefined);
    this.#woken = false;
    const isDue = performance.now() >= this.#askAtMs;
    if (isDue) await this.#ask(abort);
    await this.#tell(isDue, abort);
    return Math.max(0, this.#askAtMs - performance.now());
  }

  async #ask(abort: AbortSignal): Promise<void> {
    const { client, everyMs = EVERY_MS, log, onAsked } = this.#options;
    const startedAt = performance.now();
    try {
      const [pipelines, emitted] = await Promise.all([client.read(abort), this.#askEmitted(abort)]);
      this.#view = { state: 'answered', pipelines, refusals: this.#refusals(), emitted };
      this.#failures = 0;
      this.#askAtMs = startedAt + everyMs;
    } catch (error) {
      this.#lose(error as Error);
      if (!abort.aborted) log.warn({ error: (error as Error).message }, 'the backend does not answer');
    }
    if (!abort.aborted) onAsked();
  }

  /** Reads what the platform emits. If that fails, what was known before stands: pipelines are registered all the same. */
  async #askEmitted(abort: AbortSignal): Promise<Emitted | undefined> {
    const { client, log } = this.#options;
    try {
      return await client.readEmitted(abort);
    } catch (error) {
      if (!abort.aborted) log.warn({ error: (error as Error).message }, 'the backend does not say what is emitted');
      return emittedOf(this.#view);
    }
  }

  #refusals(): ReadonlyMap<string, DeclarationRefusal> {
    return this.#view.state === 'answered' ? this.#view.refusals : new Map();
  }

  /**
   * Records that a poll failed. Keeps the pipelines of the last response, because a registered pipeline stays
   * registered while the backend is unreachable.
   */
  #lose(failure: Error): void {
    const state = isTokenRefused(failure) ? 'tokenRefused' : 'unreachable';
    const lastPipelines = 'pipelines' in this.#view ? this.#view.pipelines : lastPipelinesOf(this.#view);
    const emitted = emittedOf(this.#view);
    this.#view = { state, error: failure.message, emitted, ...(lastPipelines && { lastPipelines }) };
    this.#askSoon();
  }

  #askSoon(): void {
    const { everyMs = EVERY_MS } = this.#options;
    const delay = backoffDelay(this.#failures, { baseMs: FIRST_RETRY_MS, maxMs: everyMs }, Math.random);
    this.#failures += 1;
    this.#askAtMs = performance.now() + delay;
  }

  /**
   * Declares and withdraws pipelines where the backend differs from the TradingPipelines. A refused request is repeated
   * only after a poll (`isRetry`), not with every change of a TradingPipeline.
   */
  async #tell(isRetry: boolean, stopping: AbortSignal): Promise<void> {
    const { client, namespaces, resources, mayTell, log, onTold } = this.#options;
    if (this.#view.state !== 'answered' || !mayTell()) return;
    const { pipelines, refusals, emitted } = this.#view;
    const wanted = collectWantedPipelines(resources());
    const watches = (namespace: string) => !namespaces || namespaces.includes(namespace);
    const plan = planDeclarations({ wanted, pipelines, watches, ...(!isRetry && { refusals }) });
    const abort = AbortSignal.any([stopping, this.#telling.signal]);
    const round = new Round({ client, abort, mayTell }, this.#view);
    const told = await round.tell(plan);
    if (told.length === 0 || abort.aborted) return;
    this.#view = { state: 'answered', pipelines: round.pipelines, refusals: round.refusals, emitted };
    if (round.failed) this.#askSoon();
    log.info({ pipelines: told.length, first: told[0] }, 'sent declared pipelines to the backend');
    onTold(told.map((id) => objectKey(parseDeclaredPipelineId(id))));
  }
}

function emittedOf(view: BackendView): Emitted | undefined {
  return 'emitted' in view ? view.emitted : undefined;
}

function lastPipelinesOf(view: BackendView) {
  return 'lastPipelines' in view ? view.lastPipelines : undefined;
}

function isTokenRefused(error: Error): boolean {
  return error instanceof BackendError && (error.status === 401 || error.status === 403);
}

interface Telling {
  readonly id: string;
  /** The declaration to send to the backend. If absent, the pipeline is withdrawn. */
  readonly declaration?: PipelineDeclaration;
}

interface RoundMeans extends Pick<PipelineRegistrarOptions, 'client' | 'mayTell'> {
  readonly abort: AbortSignal;
}

/** Sends the requests of one plan, and tracks which pipelines the backend has and which requests it refused. */
class Round {
  readonly pipelines: Map<string, RegisteredPipeline>;
  readonly refusals: Map<string, DeclarationRefusal>;
  readonly #means: RoundMeans;
  /**
   * True once the backend itself had an error with a request: the rest of the plan is then left for the next iteration.
   */
  failed = false;

  constructor(means: RoundMeans, view: Extract<BackendView, { state: 'answered' }>) {
    this.#means = means;
    this.pipelines = new Map(view.pipelines);
    this.refusals = new Map(view.refusals);
  }

  /**
   * Sends the plan. Returns the ids of the pipelines for which a request was attempted, successful or not. Requests
   * that were refused before come last, so that they do not delay other requests.
   */
  async tell({ declare, withdraw }: DeclarationPlan): Promise<string[]> {
    const all: Telling[] = [...withdraw.map((id) => ({ id })), ...declare];
    const inTurn = [
      ...all.filter(({ id }) => !this.refusals.has(id)),
      ...all.filter(({ id }) => this.refusals.has(id)),
    ];
    const told: string[] = [];
    const { abort, mayTell } = this.#means;
    while (inTurn.length > 0 && !this.failed && !abort.aborted && mayTell()) {
      const some = inTurn.splice(0, AT_ONCE);
      await Promise.all(some.map((telling) => this.#tellOne(telling)));
      told.push(...some.map(({ id }) => id));
    }
    return told;
  }

  async #tellOne({ id, declaration }: Telling): Promise<void> {
    const { client, abort } = this.#means;
    try {
      if (declaration) await client.declare(id, declaration, abort);
      else await client.withdraw(id, abort);
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
  // 422: the dispatcher's index has no room for the pipeline.
  return status === 400 || status === 422 ? 'wrong' : 'failed';
}
