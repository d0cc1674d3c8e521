/** Runs the operator in the test process against the shared API server, with the user and the RBAC role that it has in a cluster. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import type { Condition } from '#controller/api/trading-pipeline-status.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { isNotFound } from '#controller/kube/kube-error.ts';
import type { RequestRecord } from '#controller/kube/kube-transport.ts';
import { LeaderElection, type LeaseTiming } from '#controller/kube/leader-election.ts';
import { Controller, type ControllerOptions } from '#controller/operator/controller.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { until } from '../support/eventually.ts';

export { until } from '../support/eventually.ts';

export const rbacManifest = join(import.meta.dirname, '..', '..', 'controller', 'manifests', 'rbac.yaml');

/** The namespace in which the controller's role allows a Lease. */
export const LEASE_NAMESPACE = 'trading-platform';

export interface Kubeconfigs {
  readonly admin: string;
  readonly controller: string;
}

export interface OperatorUnderTest {
  /** A client with the permissions of a cluster administrator. */
  readonly admin: KubeClient;
  readonly controller: Controller;
  /** Every request the operator has made. */
  readonly requests: RequestRecord[];
  /** Returns how many reconciles have ended. */
  reconciles(): number;
  /** Returns how often the operator has queried Prometheus, including failed queries. */
  polls(): number;
  /** Kinds of the objects whose drift was repaired, in order. */
  readonly repaired: string[];
  readonly logs: { readonly level: string; readonly message: string; readonly fields: object }[];
  stop(): Promise<void>;
}

/** Options of the controller that a test can set. */
export interface OperatorTuning extends Pick<ControllerOptions, 'timing' | 'resyncMs' | 'prometheus' | 'backend'> {
  /** The Lease for leader election. If absent, there is no election and the operator leads. */
  readonly lease?: { readonly name: string; readonly timing: LeaseTiming };
  readonly requestTimeoutMs?: number;
  /** True if the test itself gives the operator its rights. By default, it gets those of `rbacManifest`. */
  readonly hasRights?: boolean;
}

export async function startOperator(
  kubeconfigs: Kubeconfigs,
  namespaces?: readonly string[],
  { lease, requestTimeoutMs, hasRights = false, ...more }: OperatorTuning = {},
): Promise<OperatorUnderTest> {
  const admin = connectAdmin(kubeconfigs.admin);
  if (!hasRights) await applyManifests(admin, readManifests(rbacManifest));
  const requests: RequestRecord[] = [];
  let reconciles = 0;
  let polls = 0;
  const repaired: string[] = [];
  const logs: OperatorUnderTest['logs'] = [];
  const write = (level: string) => (fields: object, message: string) => void logs.push({ level, message, fields });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const connection = {
    connection: readKubeConnection(kubeconfigs.controller),
    fieldManager: FIELD_MANAGER,
    requestTimeoutMs,
    onRequest: (record: RequestRecord) => void requests.push(record),
  };
  const leases = new KubeClient(connection);
  const now = () => new Date();
  const election =
    lease &&
    new LeaderElection({
      client: leases,
      lease: { namespace: LEASE_NAMESPACE, name: lease.name },
      identity: randomUUID(),
      timing: lease.timing,
      log,
      now,
    });
  const client = new KubeClient({ ...connection, mayWrite: () => election?.leading ?? true });
  const controller = new Controller({
    client,
    namespaces,
    log,
    election,
    now,
    observer: {
      queueLatency: () => {},
      reconciled: () => void reconciles++,
      retried: () => {},
      prometheusAsked: () => void polls++,
      driftRepaired: (kind) => repaired.push(kind),
    },
    ...more,
  });
  controller.start();
  await until(10_000, 'the caches are synced', async () => controller.notReady() === undefined);
  return {
    admin,
    controller,
    requests,
    reconciles: () => reconciles,
    polls: () => polls,
    repaired,
    logs,
    stop: async () => {
      await controller.stop();
      client.close();
      leases.close();
      admin.close();
    },
  };
}

export function connectAdmin(kubeconfig: string): KubeClient {
  return new KubeClient({ connection: readKubeConnection(kubeconfig), fieldManager: 'kubectl' });
}

/** Creates a namespace with a new name. Tests cannot delete it: no namespace controller runs here. */
export async function createNamespace(
  admin: KubeClient,
  name = `test-${randomBytes(4).toString('hex')}`,
): Promise<string> {
  await admin.apply(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

export function tradingPipeline(namespace: string, name: string, spec: object): TradingPipeline {
  return {
    apiVersion: resources.tradingPipeline.apiVersion,
    kind: 'TradingPipeline',
    metadata: { namespace, name },
    spec,
  };
}

/** Reads an object. Returns undefined if it does not exist. */
export async function find(
  admin: KubeClient,
  resource: (typeof resources)[keyof typeof resources],
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  try {
    return await admin.get(resource, { namespace, name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Waits until the operator has acted on the latest generation of the TradingPipeline. */
export async function settled(
  admin: KubeClient,
  namespace: string,
  name: string,
  withinMs = 5_000,
): Promise<TradingPipeline> {
  return until(withinMs, `TradingPipeline ${name} is settled`, async () => {
    const resource = (await find(admin, resources.tradingPipeline, namespace, name)) as TradingPipeline | undefined;
    return resource?.status?.observedGeneration === resource?.metadata.generation && resource;
  });
}

export function condition(pipeline: TradingPipeline, type: string): Condition | undefined {
  return pipeline.status?.conditions?.find((one) => one.type === type);
}

/**
 * Waits until a condition for the current generation has the fields of `wanted`. If `wanted` is undefined, waits until
 * the TradingPipeline does not have the condition.
 */
export async function untilCondition(
  admin: KubeClient,
  at: { readonly namespace: string; readonly name: string },
  type: string,
  wanted: Partial<Condition> | undefined,
  withinMs = 5_000,
): Promise<TradingPipeline> {
  return until(withinMs, `${at.name} has ${type} ${JSON.stringify(wanted)}`, async () => {
    const pipeline = (await find(admin, resources.tradingPipeline, at.namespace, at.name)) as
      | TradingPipeline
      | undefined;
    const is = pipeline && condition(pipeline, type);
    if (pipeline?.status?.observedGeneration !== pipeline?.metadata.generation) return undefined;
    if (wanted === undefined) return !is && pipeline;
    return is && Object.entries(wanted).every(([key, value]) => is[key as keyof Condition] === value) && pipeline;
  });
}

/** Applies a Service with one port and some ready endpoints, with the labels that the platform's chart sets. */
export async function applyService(
  admin: KubeClient,
  namespace: string,
  name: string,
  port = 'metrics',
  ready = 1,
): Promise<void> {
  const labels = { 'app.kubernetes.io/name': name };
  const ports = [{ name: port, port: 8001, protocol: 'TCP' }];
  await admin.apply(resources.service, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels },
    spec: { clusterIP: 'None', ports },
  });
  const endpoints = Array.from({ length: ready }, (_, index) => ({
    addresses: [`192.0.2.${index + 1}`],
    conditions: { ready: true },
  }));
  await admin.apply(resources.endpointSlice, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${name}-1`, labels: { ...labels, 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints,
    ports,
  } as KubeObject);
}

export function writesOf(requests: readonly RequestRecord[]): RequestRecord[] {
  return requests.filter(({ verb }) => verb === 'apply' || verb === 'delete' || verb === 'create');
}

/**
 * Waits until the operator has written nothing for `forMs`. Call it before counting writes, because Events are written after the status
 * that they report. It does not prove that no write follows: to prove that, wait until the operator has handled a later change.
 * @throws Error if the operator never stops writing
 */
export async function untilQuiet({ requests }: Pick<OperatorUnderTest, 'requests'>, forMs = 1_000): Promise<void> {
  let written = writesOf(requests).length;
  let since = performance.now();
  await until(forMs + 10_000, `the operator has written nothing for ${forMs} ms`, async () => {
    const now = writesOf(requests).length;
    if (now !== written) [written, since] = [now, performance.now()];
    return performance.now() - since >= forMs;
  });
}
