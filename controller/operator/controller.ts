/**
 * The controller: caches report changes, the router turns changes into keys, and the queue hands keys to the reconciler. The
 * controller works only while it leads and its caches are filled (duty.ts). All its dependencies are passed in.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inSlices } from '#base/in-slices.ts';
import type { Log } from '#base/log.ts';
import { FIELD_MANAGER } from '../api/names.ts';
import type { BackendClient } from '../backend/backend-client.ts';
import { PipelineRegistrar } from '../backend/pipeline-registrar.ts';
import { createClusterWriter } from '../kube/cluster-writer.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { LeaderElection } from '../kube/leader-election.ts';
import type { CacheTiming } from '../kube/resource-cache.ts';
import { WorkQueue, type WorkQueueObserver } from '../kube/work-queue.ts';
import type { PrometheusClient } from '../prometheus/prometheus-client.ts';
import { PrometheusPoll } from '../prometheus/prometheus-poll.ts';
import { buildAnswersReader } from '../prometheus/read-answers.ts';
import type { PrometheusView } from '../reconcile/monitoring/prometheus-view.ts';
import type { ReconcileEvents } from '../reconcile/ports.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import type { BackendView } from '../reconcile/registration/registration.ts';
import { type ClusterChange, type Priority, priorities, routeChange } from '../reconcile/route-changes.ts';
import { ClusterCaches } from './cluster-caches.ts';
import { Duty } from './duty.ts';
import { EchoFilter } from './echo-filter.ts';

export interface ControllerOptions {
  readonly client: KubeClient;
  /** Namespaces to watch; all if absent. */
  readonly namespaces?: readonly string[];
  readonly log: Log;
  readonly observer: ControllerObserver;
  readonly now: () => Date;
  /** Every TradingPipeline is reconciled again after this time, even if nothing has changed. Default 10 min. */
  readonly resyncMs?: number;
  readonly workers?: number;
  readonly timing?: Partial<CacheTiming>;
  /** The Prometheus to poll. If absent, the conditions about scraping, rules and alerts are Unknown. */
  readonly prometheus?: { readonly client: PrometheusClient; readonly everyMs?: number };
  /** The backend to register declared pipelines with. If absent, they are not registered. */
  readonly backend?: { readonly client: BackendClient; readonly everyMs?: number };
  /** Name of this process, which tells several controllers apart in Events. */
  readonly instance?: string;
  /** Decides which of several controllers writes. If absent, this controller always writes. */
  readonly election?: Pick<LeaderElection, 'start' | 'stop' | 'leading'>;
}

/** What the controller reports about its own work. */
export interface ControllerObserver {
  queueLatency(seconds: number): void;
  reconciled(result: 'success' | 'error', seconds: number): void;
  /** Called when a reconcile failed or was incomplete, so that its key is requeued. */
  retried(): void;
  driftRepaired(kind: string): void;
  prometheusAsked(result: 'success' | 'error'): void;
}

const RESYNC_MS = 10 * 60_000;
/**
 * Number of concurrent reconciles. Sixteen workers would be 10 % faster from a cold start but take 5 MB more, for their
 * connections and responses in flight.
 */
const WORKERS = 5;
const READY_CHECK_MS = 20;
/**
 * How long the controller waits at its start for first responses of Prometheus and the backend. A server that hangs must not
 * keep the controller from its work.
 */
const FIRST_ANSWER_MS = 3_000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #caches: ClusterCaches;
  readonly #echoes: EchoFilter;
  readonly #queue: WorkQueue;
  readonly #recorder: EventRecorder;
  readonly #prometheus: PrometheusPoll | undefined;
  readonly #registrar: PipelineRegistrar | undefined;
  readonly #duty: Duty;
  /**
   * Created anew each time this process becomes the leader, because another leader may have changed what an old reconciler
   * remembers.
   */
  #reconciler: Reconciler | undefined;
  #startedAtMs = 0;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { client, namespaces, log, now, timing, workers = WORKERS, instance = FIELD_MANAGER } = options;
    this.#caches = new ClusterCaches({ client, namespaces, log, timing, onChange: (change) => this.#take(change) });
    this.#echoes = new EchoFilter({ caches: this.#caches, onForeignChange: (change) => this.#route(change) });
    this.#queue = new WorkQueue({
      handle: (key) => this.#reconcile(key),
      workers,
      observer: buildQueueObserver(options),
    });
    this.#recorder = new EventRecorder({ client, instance, now, log });
    this.#prometheus = this.#buildPoll();
    this.#registrar = this.#buildRegistrar();
    this.#duty = new Duty({ begin: () => this.#begin(), end: () => this.#end() });
  }

  start(): void {
    const { election, resyncMs = RESYNC_MS } = this.#options;
    this.#startedAtMs = performance.now();
    this.#prometheus?.start();
    this.#registrar?.start();
    this.#caches.start();
    this.#timers = [this.#awaitReady(), setInterval(() => this.#resync(), resyncMs)];
    if (election) election.start((leading) => this.#duty.lead(leading));
    else this.#duty.lead(true);
  }

  /** Waits for reconciles in progress, then releases the Lease. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#prometheus?.stop(), this.#registrar?.stop(), this.#queue.stop()]);
    this.#options.prometheus?.client.close();
    await this.#recorder.stop();
    await Promise.all([this.#options.election?.stop(), this.#caches.stop()]);
  }

  /** Returns what the controller still waits for before it can work, or undefined if it can. */
  notReady(): string | undefined {
    const missing = this.#caches.unsynced();
    return missing.length > 0 ? `caches not synced: ${missing.join(', ')}` : undefined;
  }

  /** True if this process is the leader, the only controller that writes. */
  leading(): boolean {
    return this.#options.election?.leading ?? true;
  }

  queueDepth(): number {
    return this.#queue.depth;
  }

  /** Returns, for each kind, the seconds since its watch last heard from the API server. */
  watchAges(): Readonly<Record<string, number>> {
    return this.#caches.watchAges();
  }

  /** Counts TradingPipelines by the status of their condition Ready. */
  resourcesByReadiness(): Readonly<Record<'True' | 'False' | 'Unknown', number>> {
    const counts = { True: 0, False: 0, Unknown: 0 };
    for (const { status } of this.#caches.resources())
      counts[status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown']++;
    return counts;
  }

  #take(change: ClusterChange): void {
    if (change.of === 'object') this.#echoes.take(change);
    else this.#route(change);
  }

  /**
   * A controller that does not lead ignores changes: when it becomes the leader, it reconciles every TradingPipeline
   * anyway.
   */
  #route(change: ClusterChange): void {
    if (!this.#duty.working) return;
    const routes = routeChange(change, this.#caches);
    for (const { key, priority } of routes) this.#queue.add(key, priority);
    if (change.of === 'resource' && routes.length > 0) this.#registrar?.wake();
  }

  async #reconcile(key: string): ReturnType<Reconciler['reconcile']> {
    // Yield to the event loop first. A reconcile that writes nothing never yields, and a thousand of them in a row would starve
    // the watches and the Lease.
    await nextTurn();
    const reconciler = this.#reconciler;
    if (!reconciler) return 'done';
    // The queries of one resource can take longer to check than the event loop may wait.
    for await (const check of inSlices(reconciler.checkSteps(key))) check();
    return reconciler.reconcile(key);
  }

  #begin(): void {
    this.#reconciler = this.#buildReconciler();
    this.#enqueue(this.#caches.keys(), priorities.resync);
    this.#queue.start();
    this.#registrar?.wake();
  }

  #end(): Promise<void> {
    this.#options.client.abortWrites();
    this.#registrar?.breakOff();
    return this.#queue.stop();
  }

  #enqueue(keys: Iterable<string>, priority: Priority): void {
    for (const key of keys) this.#queue.add(key, priority);
  }

  #resync(): void {
    if (this.#duty.working) this.#enqueue(this.#caches.keys(), priorities.resync);
  }

  /** Requeues the TradingPipelines whose status is outdated by a new response of Prometheus or of the backend. */
  async #requeueOldStatuses(): Promise<void> {
    if (!this.#duty.working) return;
    for await (const key of inSlices(this.#caches.keys())) {
      if (this.#duty.working && this.#reconciler?.isStatusOld(key)) this.#queue.add(key, priorities.resync);
    }
  }

  /**
   * Waits until all caches are filled. Nothing is written before, because with half the caches filled, objects would seem to be
   * missing.
   */
  #awaitReady(): NodeJS.Timeout {
    const timer = setInterval(() => {
      if (this.#caches.unsynced().length > 0 || !this.#hasFirstAnswers()) return;
      clearInterval(timer);
      this.#options.log.info({ resources: [...this.#caches.resources()].length }, 'caches are synced');
      this.#duty.synced();
    }, READY_CHECK_MS);
    return timer;
  }

  /**
   * Returns whether Prometheus and the backend have responded, or the wait for them is over. A first status without their
   * responses would have to be written again at once.
   */
  #hasFirstAnswers(): boolean {
    if (performance.now() - this.#startedAtMs > FIRST_ANSWER_MS) return true;
    return [this.#prometheusView(), this.#backendView()].every(({ state }) => state !== 'waiting');
  }

  #prometheusView(): PrometheusView {
    return this.#prometheus?.view ?? { state: 'notConfigured' };
  }

  #backendView(): BackendView {
    return this.#registrar?.view ?? { state: 'notConfigured' };
  }

  #buildPoll(): PrometheusPoll | undefined {
    const { prometheus, log, observer } = this.#options;
    if (!prometheus) return undefined;
    return new PrometheusPoll({
      read: buildAnswersReader(prometheus.client),
      everyMs: prometheus.everyMs,
      log,
      onAsked: (result) => {
        observer.prometheusAsked(result);
        void this.#requeueOldStatuses();
      },
    });
  }

  #buildRegistrar(): PipelineRegistrar | undefined {
    const { backend, log, namespaces } = this.#options;
    if (!backend) return undefined;
    return new PipelineRegistrar({
      ...backend,
      log,
      namespaces,
      resources: () => this.#caches.resources(),
      mayTell: () => this.#duty.working && this.leading(),
      onAsked: () => void this.#requeueOldStatuses(),
      onTold: (keys) => {
        if (this.#duty.working) this.#enqueue(keys, priorities.change);
      },
    });
  }

  #buildReconciler(): Reconciler {
    const { client, now } = this.#options;
    return new Reconciler({
      view: this.#caches,
      writer: createClusterWriter(client, this.#echoes),
      events: this.#buildEvents(),
      prometheus: () => this.#prometheusView(),
      backend: () => this.#backendView(),
      now,
    });
  }

  #buildEvents(): ReconcileEvents {
    const { observer, log } = this.#options;
    return {
      driftRepaired: (kind) => observer.driftRepaired(kind),
      conditionsChanged: (resource, events) => this.#recorder.record(resource, events),
      info: (fields, message) => log.info(fields, message),
      warn: (fields, message) => log.warn(fields, message),
    };
  }
}

function buildQueueObserver({ observer, log }: ControllerOptions): WorkQueueObserver {
  return {
    waited: (seconds) => observer.queueLatency(seconds),
    worked: (result, seconds) => observer.reconciled(result, seconds),
    retried: () => observer.retried(),
    failed: (key, error, retryInMs) =>
      log.warn(
        { resource: key, error: (error as Error).message, retry_in_ms: Math.round(retryInMs) },
        'reconcile failed',
      ),
  };
}
