/** Puts the parts together: caches feed the queue, the queue drives the reconciler. Everything it needs is passed in. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inSlices } from '#base/in-slices.ts';
import type { Log } from '#base/log.ts';
import { FIELD_MANAGER } from '../api/names.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { createClusterWriter } from '../kube/cluster-writer.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { LeaderElection } from '../kube/leader-election.ts';
import type { CacheTiming } from '../kube/resource-cache.ts';
import { priorities, WorkQueue, type WorkQueueObserver } from '../kube/work-queue.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import { type BackendOptions, type BackendWatch, startBackendWatch } from './backend-watch.ts';
import { ClusterState } from './cluster-caches.ts';
import { Duty } from './duty.ts';
import { type PrometheusOptions, type PrometheusWatch, startPrometheusWatch } from './prometheus-watch.ts';

export interface ControllerOptions {
  readonly client: KubeClient;
  /** All namespaces when absent. */
  readonly namespaces?: readonly string[];
  readonly log: Log;
  readonly observer: ControllerObserver;
  readonly now: () => Date;
  /** Every resource is looked at again after this long, changed or not. */
  readonly resyncMs?: number;
  readonly workers?: number;
  readonly timing?: Partial<CacheTiming>;
  /** Absent: nothing is known of what is scraped, loaded and firing, and the status says so. */
  readonly prometheus?: PrometheusOptions;
  /** Absent: pipelines are not registered, and the status says so. */
  readonly backend?: BackendOptions;
  /** Name of this process among several, for Events. */
  readonly instance?: string;
  /** Decides who of several controllers writes; this one does when absent. */
  readonly election?: Pick<LeaderElection, 'start' | 'stop' | 'leading'>;
}

/** What the controller tells of its own health. */
export interface ControllerObserver {
  queueLatency(seconds: number): void;
  reconciled(result: 'success' | 'error', seconds: number): void;
  /** A reconcile failed, or could not do all, and comes back. */
  retried(): void;
  driftRepaired(kind: string): void;
  /** Prometheus gave every answer, or not. */
  prometheusAsked(result: 'success' | 'error'): void;
}

export interface Controller {
  /** What it still waits for before it works, or nothing. */
  notReady(): string | undefined;
  /** Whether it is the one that writes. */
  leading(): boolean;
  queueDepth(): number;
  /** Seconds since the watch of each resource last heard from the API server. */
  watchAges(): Readonly<Record<string, number>>;
  /** TradingPipelines by the status of their Ready condition. */
  resourcesByReadiness(): Readonly<Record<'True' | 'False' | 'Unknown', number>>;
  /** Finishes the reconciles that run, then lets go of the lease. */
  stop(): Promise<void>;
}

const RESYNC_MS = 10 * 60_000;
/** Sixteen are a tenth faster from a cold start and hold 5 MB more: a connection each, and what waits for its answer. */
const WORKERS = 5;
const SYNC_POLL_MS = 20;

export function startController(options: ControllerOptions): Controller {
  const { client, log, namespaces, timing, election } = options;
  let reconciler: Reconciler | undefined;
  const queue: WorkQueue = new WorkQueue({
    handle: async (key) => {
      // A reconcile that writes nothing awaits nothing: a thousand in a row would keep watches and the lease waiting.
      await nextTurn();
      return reconciler?.reconcile(key) ?? 'done';
    },
    workers: options.workers ?? WORKERS,
    observer: buildQueueObserver(options),
  });
  const state: ClusterState = new ClusterState({
    client,
    namespaces,
    log,
    timing,
    // Who stands by has no work; who begins looks at everything.
    isWorking: () => duty.working,
    enqueue: (key, priority) => void (duty.working && queue.add(key, priority)),
    onAskedAnew: () => backend.wake(),
  });
  const duty: Duty = new Duty({
    begin: () => {
      // What another leader did meanwhile is in the cluster, not in the memory of an old one.
      reconciler = buildReconciler(options, { state, prometheus, backend, recorder });
      for (const key of state.keys()) queue.add(key, priorities.resync);
      queue.start();
      backend.wake();
    },
    end: () => {
      client.abortWrites();
      backend.breakOff();
      return queue.stop();
    },
  });
  const recorder = new EventRecorder({ ...options, instance: options.instance ?? FIELD_MANAGER });
  const lookAtOldStatuses = async () => {
    if (!duty.working) return;
    for await (const key of inSlices(state.keys())) {
      if (duty.working && reconciler?.isStatusOld(key)) queue.add(key, priorities.resync);
    }
  };
  const prometheus = startPrometheusWatch(options.prometheus, log, (result) => {
    options.observer.prometheusAsked(result);
    void lookAtOldStatuses();
  });
  const backend: BackendWatch = startBackendWatch(options.backend, {
    log,
    namespaces,
    resources: () => state.pipelines(),
    mayTell: () => duty.working && (election?.leading ?? true),
    onAsked: () => void lookAtOldStatuses(),
    onTold: (keys) => {
      for (const key of keys) if (duty.working) queue.add(key, priorities.change);
    },
  });
  state.start();
  const timers = [
    startOnceSynced(() => state.unsynced().length === 0 && prometheus.settled() && backend.settled(), state, duty, log),
    startResync(state, duty, queue, options.resyncMs ?? RESYNC_MS),
  ];
  if (election) election.start((leading) => duty.lead(leading));
  else duty.lead(true);
  return {
    notReady: () => {
      const missing = state.unsynced();
      return missing.length > 0 ? `caches not synced: ${missing.join(', ')}` : undefined;
    },
    leading: () => election?.leading ?? true,
    queueDepth: () => queue.depth,
    watchAges: () => state.watchAges(),
    resourcesByReadiness: () => countByReadiness(state.pipelines()),
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([prometheus.stop(), backend.stop(), queue.stop()]);
      await recorder.stop();
      await Promise.all([election?.stop(), state.stop()]);
    },
  };
}

function buildQueueObserver({ observer, log }: ControllerOptions): WorkQueueObserver {
  return {
    waited: (seconds) => observer.queueLatency(seconds),
    worked: (result, seconds) => observer.reconciled(result, seconds),
    retried: () => observer.retried(),
    failed: (key, error, retryInMs) =>
      log.warn(
        { pipeline: key, error: (error as Error).message, retry_in_ms: Math.round(retryInMs) },
        'reconcile failed',
      ),
  };
}

interface ReconcilerParts {
  readonly state: ClusterState;
  readonly prometheus: PrometheusWatch;
  readonly backend: BackendWatch;
  readonly recorder: EventRecorder;
}

function buildReconciler({ client, observer, log, now }: ControllerOptions, parts: ReconcilerParts): Reconciler {
  const { state, prometheus, backend, recorder } = parts;
  return new Reconciler({
    view: state,
    writer: createClusterWriter(client, state),
    events: {
      driftRepaired: (kind) => observer.driftRepaired(kind),
      conditionsChanged: (pipeline, events) => recorder.record(pipeline, events),
      info: (fields, message) => log.info(fields, message),
      warn: (fields, message) => log.warn(fields, message),
    },
    prometheus: () => prometheus.view(),
    backend: () => backend.view(),
    now,
  });
}

/** Half a picture would look like missing objects: nothing is written before every cache has been filled once. */
function startOnceSynced(isReady: () => boolean, state: ClusterState, duty: Duty, log: Log): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (!isReady()) return;
    clearInterval(timer);
    log.info({ pipelines: [...state.pipelines()].length }, 'caches are synced');
    duty.synced();
  }, SYNC_POLL_MS);
  return timer;
}

function startResync(state: ClusterState, duty: Duty, queue: WorkQueue, everyMs: number): NodeJS.Timeout {
  return setInterval(() => {
    if (duty.working) for (const key of state.keys()) queue.add(key, priorities.resync);
  }, everyMs);
}

function countByReadiness(pipelines: Iterable<TradingPipeline>) {
  const counts = { True: 0, False: 0, Unknown: 0 };
  for (const { status } of pipelines)
    counts[status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown']++;
  return counts;
}
