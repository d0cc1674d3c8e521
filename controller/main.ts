import './small-heap.ts';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Log } from '#base/log.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import { runProcess } from '#kit/run-process.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { type GeneratedKind, resourceOfPath } from './api/kube-object.ts';
import { FIELD_MANAGER, OPERATOR_NAMESPACE } from './api/names.ts';
import { createBackendClient } from './backend/backend-client.ts';
import { type ControllerConfig, configSchema } from './config.ts';
import { startHeartbeat } from './kube/heartbeat.ts';
import { KubeClient } from './kube/kube-client.ts';
import { readKubeConnection } from './kube/kube-connection.ts';
import type { RequestRecord } from './kube/kube-transport.ts';
import { LeaderElection } from './kube/leader-election.ts';
import { Controller, type ControllerObserver } from './operator/controller.ts';
import { PrometheusClient } from './prometheus/prometheus-client.ts';

/** Time-out of a heartbeat request to the API server. A slower response counts as no response. */
const PULSE_TIMEOUT_MS = 1_000;
/** Time-out of a request to Prometheus. Polls start every 15 s, so a slower response would be of no use. */
const PROMETHEUS_TIMEOUT_MS = 10_000;

type ControllerInstruments = Instruments<EmittedBy<'controller'>>;

await runProcess('controller', configSchema, async ({ config, log, instruments, ops }) => {
  const connection = {
    connection: readKubeConnection(config.KUBECONFIG),
    fieldManager: FIELD_MANAGER,
    onRequest: buildRequestCounter(instruments),
  };
  const leases = new KubeClient({ ...connection, requestTimeoutMs: config.LEASE_RENEW_DEADLINE_MS / 2 });
  const election = config.LEADER_ELECTION ? buildElection(config, leases, log) : undefined;
  const client = new KubeClient({ ...connection, mayWrite: () => election?.leading ?? true });
  const pulse = new KubeClient({ ...connection, requestTimeoutMs: PULSE_TIMEOUT_MS });
  const heartbeat = startHeartbeat({
    client: pulse,
    log,
    onBack: () => {
      client.reconnect();
      leases.reconnect();
    },
  });
  const controller = new Controller({
    client,
    namespaces: config.NAMESPACES.length > 0 ? config.NAMESPACES : undefined,
    log,
    election,
    prometheus: readPrometheus(config),
    backend: readBackend(config),
    instance: hostname(),
    resyncMs: config.RESYNC_MS,
    now: () => new Date(),
    observer: buildObserver(instruments),
  });
  controller.start();
  observeController(controller, instruments);
  ops.addCheck('caches', () => controller.notReady());
  log.info({ server: client.server.origin, namespaces: config.NAMESPACES }, 'watching TradingPipelines');

  return async () => {
    await Promise.all([heartbeat.stop(), controller.stop()]);
    for (const one of [client, leases, pulse]) one.close();
  };
});

function buildRequestCounter(instruments: ControllerInstruments): (record: RequestRecord) => void {
  const requests = instruments.counter('tradingpipeline_controller_api_requests_total');
  const conflicts = instruments.counter('tradingpipeline_controller_conflicts_total');
  return ({ verb, code, path, mustBeNew }) => {
    requests.add(1, { verb, code: String(code) });
    // If a create fails because the name is taken, that is no conflict with another field manager.
    if (code === 409 && !mustBeNew) conflicts.add(1, { kind: resourceOfPath(path)?.kind ?? 'unknown' });
  };
}

function buildObserver(instruments: ControllerInstruments): ControllerObserver {
  const reconciles = instruments.counter('tradingpipeline_controller_reconciles_total');
  const durations = instruments.histogram('tradingpipeline_controller_reconcile_duration_seconds');
  const latencies = instruments.histogram('tradingpipeline_controller_queue_latency_seconds');
  const retries = instruments.counter('tradingpipeline_controller_retries_total');
  const polls = instruments.counter('tradingpipeline_controller_prometheus_polls_total');
  const drift = instruments.counter('tradingpipeline_controller_drift_repaired_total');
  return {
    queueLatency: (seconds) => latencies.record(seconds),
    reconciled: (result, seconds) => {
      reconciles.add(1, { result });
      durations.record(seconds);
    },
    retried: () => retries.add(1),
    prometheusAsked: (result) => polls.add(1, { result }),
    driftRepaired: (kind) => drift.add(1, { kind: kind as GeneratedKind }),
  };
}

/** Registers the gauges whose values are read from the controller at each scrape. */
function observeController(controller: Controller, instruments: ControllerInstruments): void {
  instruments.observeGauge('tradingpipeline_controller_queue_depth', (observe) => observe(controller.queueDepth()));
  instruments.observeGauge('tradingpipeline_controller_watch_age_seconds', (observe) => {
    for (const [resource, seconds] of Object.entries(controller.watchAges())) observe(seconds, { resource });
  });
  instruments.observeGauge('tradingpipeline_controller_resources', (observe) => {
    const counts = controller.resourcesByReadiness();
    for (const ready of ['True', 'False', 'Unknown'] as const) observe(counts[ready], { ready });
  });
  instruments.observeGauge('tradingpipeline_controller_leader', (observe) => observe(controller.leading() ? 1 : 0));
}

function readPrometheus({ PROMETHEUS_URL: url }: ControllerConfig) {
  return url ? { client: new PrometheusClient(url, { timeoutMs: PROMETHEUS_TIMEOUT_MS }) } : undefined;
}

function readBackend({ PIPELINES_API_URL: url, PIPELINES_API_TOKEN: token, PIPELINES_POLL_MS }: ControllerConfig) {
  return url && token ? { client: createBackendClient({ url, token }), everyMs: PIPELINES_POLL_MS } : undefined;
}

function buildElection(config: ControllerConfig, client: KubeClient, log: Log): LeaderElection {
  return new LeaderElection({
    client,
    lease: { namespace: config.LEASE_NAMESPACE ?? readPodNamespace() ?? OPERATOR_NAMESPACE, name: config.LEASE_NAME },
    identity: `${hostname()}_${randomUUID()}`,
    timing: {
      durationMs: config.LEASE_DURATION_MS,
      renewDeadlineMs: config.LEASE_RENEW_DEADLINE_MS,
      retryMs: config.LEASE_RETRY_MS,
    },
    log,
    now: () => new Date(),
  });
}

/** Returns the namespace of the pod's service account, or undefined outside a pod. */
function readPodNamespace(): string | undefined {
  const file = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
