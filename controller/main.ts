import './small-heap.ts';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Log } from '#base/log.ts';
import { declaredPipelinesTokenSchema } from '#catalogue/declared-pipelines.ts';
import { millisecondsSchema } from '#kit/config.ts';
import { runProcess } from '#kit/run-process.ts';
import { FIELD_MANAGER, OPERATOR_NAMESPACE } from './api/names.ts';
import { type GeneratedKind, resourceOfPath } from './api/resources.ts';
import { createBackendClient } from './backend/backend-client.ts';
import { startHeartbeat } from './kube/heartbeat.ts';
import { KubeClient, type RequestRecord } from './kube/kube-client.ts';
import { readKubeConnection } from './kube/kube-connection.ts';
import { LeaderElection } from './kube/leader-election.ts';
import { startController } from './operator/controller.ts';
import { PrometheusClient } from './prometheus/prometheus-client.ts';

/** A sign of life that takes longer is none. */
const PULSE_TIMEOUT_MS = 1_000;

const environmentSchema = z.object({
  KUBECONFIG: z
    .string()
    .optional()
    .describe("kubeconfig file; the pod's service account, or ~/.kube/config, when absent"),
  NAMESPACES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== ''))
    .describe('namespaces to watch, separated by commas; all when empty'),
  PROMETHEUS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('base URL of the Prometheus to ask what is scraped, loaded and firing; not asked when absent'),
  PIPELINES_API_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('base URL of the backend to register pipelines with; not registered when absent'),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe('the same secret as PIPELINES_API_TOKEN of the backend'),
  PIPELINES_POLL_MS: millisecondsSchema
    .default(15_000)
    .describe('what the backend has is compared with what resources declare after this long, and at once on a change'),
  RESYNC_MS: millisecondsSchema.default(600_000).describe('every resource is looked at again after this long'),
  LEADER_ELECTION: z.stringbool().default(true).describe('of several controllers, only the holder of a Lease writes'),
  LEASE_NAMESPACE: z.string().optional().describe("the pod's own namespace, or trading-platform, when absent"),
  LEASE_NAME: z.string().default(FIELD_MANAGER).describe('another one for controllers of other NAMESPACES'),
  LEASE_DURATION_MS: millisecondsSchema.default(15_000).describe('others may lead when it was not renewed this long'),
  LEASE_RENEW_DEADLINE_MS: millisecondsSchema.default(10_000).describe('a leader that cannot renew this long stops'),
  LEASE_RETRY_MS: millisecondsSchema.default(2_000).describe('between two tries to take or to renew the lease'),
});
const configSchema = environmentSchema.refine(
  (config) => config.PIPELINES_API_URL === undefined || config.PIPELINES_API_TOKEN !== undefined,
  { path: ['PIPELINES_API_TOKEN'], message: 'must be set beside PIPELINES_API_URL: the secret that the backend knows' },
);
type Config = z.infer<typeof configSchema>;

await runProcess('controller', configSchema, async ({ config, log, instruments, ops }) => {
  const requests = instruments.counter('tradingpipeline_controller_api_requests_total');
  const conflicts = instruments.counter('tradingpipeline_controller_conflicts_total');
  const connection = {
    connection: readKubeConnection(config.KUBECONFIG),
    fieldManager: FIELD_MANAGER,
    onRequest: ({ verb, code, path, mustBeNew }: RequestRecord) => {
      requests.add(1, { verb, code: String(code) });
      // A name that is taken is no quarrel over an object.
      if (code === 409 && !mustBeNew) conflicts.add(1, { kind: resourceOfPath(path)?.kind ?? 'unknown' });
    },
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

  const reconciles = instruments.counter('tradingpipeline_controller_reconciles_total');
  const durations = instruments.histogram('tradingpipeline_controller_reconcile_duration_seconds');
  const latencies = instruments.histogram('tradingpipeline_controller_queue_latency_seconds');
  const retries = instruments.counter('tradingpipeline_controller_retries_total');
  const polls = instruments.counter('tradingpipeline_controller_prometheus_polls_total');
  const drift = instruments.counter('tradingpipeline_controller_drift_repaired_total');
  const controller = startController({
    client,
    namespaces: config.NAMESPACES.length > 0 ? config.NAMESPACES : undefined,
    log,
    election,
    prometheus: config.PROMETHEUS_URL ? { client: openPrometheus(config.PROMETHEUS_URL) } : undefined,
    backend: readBackend(config),
    instance: hostname(),
    resyncMs: config.RESYNC_MS,
    now: () => new Date(),
    observer: {
      queueLatency: (seconds) => latencies.record(seconds),
      reconciled: (result, seconds) => {
        reconciles.add(1, { result });
        durations.record(seconds);
      },
      retried: () => retries.add(1),
      prometheusAsked: (result) => polls.add(1, { result }),
      driftRepaired: (kind) => drift.add(1, { kind: kind as GeneratedKind }),
    },
  });

  instruments.observeGauge('tradingpipeline_controller_queue_depth', (observe) => observe(controller.queueDepth()));
  instruments.observeGauge('tradingpipeline_controller_watch_age_seconds', (observe) => {
    for (const [resource, seconds] of Object.entries(controller.watchAges())) observe(seconds, { resource });
  });
  instruments.observeGauge('tradingpipeline_controller_resources', (observe) => {
    const counts = controller.resourcesByReadiness();
    for (const ready of ['True', 'False', 'Unknown'] as const) observe(counts[ready], { ready });
  });
  instruments.observeGauge('tradingpipeline_controller_leader', (observe) => observe(controller.leading() ? 1 : 0));
  ops.addCheck('caches', () => controller.notReady());
  log.info({ server: client.server.origin, namespaces: config.NAMESPACES }, 'watching TradingPipelines');

  return async () => {
    await Promise.all([heartbeat.stop(), controller.stop()]);
    for (const one of [client, leases, pulse]) one.close();
  };
});

/** Asked every 15 s: what takes longer than that is of no use. */
function openPrometheus(address: string): PrometheusClient {
  return new PrometheusClient(address, { timeoutMs: 10_000 });
}

function readBackend({ PIPELINES_API_URL: url, PIPELINES_API_TOKEN: token, PIPELINES_POLL_MS }: Config) {
  return url && token ? { client: createBackendClient({ url, token }), everyMs: PIPELINES_POLL_MS } : undefined;
}

function buildElection(config: Config, client: KubeClient, log: Log): LeaderElection {
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

/** Of the service account, in a pod; undefined anywhere else. */
function readPodNamespace(): string | undefined {
  const file = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
