/**
 * The API server of one case, filled with the resources that the operator handles, and the API server's own count of
 * write requests.
 */
import { type KubeObject, type Resource, resources } from '#controller/api/kube-object.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { readScrape } from '../../test/support/scrape.ts';
import { startApiServer, type TestApiServer } from '../../test/support/start-api-server.ts';
import { NAMESPACES, namespaceOf, type OperatorCase } from './operator-case.ts';

/** Requests that the benchmark sends in parallel. No measured operator sends as many, so the API server is the limit. */
const CONCURRENCY = 16;
const LIMIT_WRITES = 600;
const WRITING = ['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'];

export interface ClusterUnderBench {
  readonly server: TestApiServer;
  readonly admin: KubeClient;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<ClusterUnderBench> {
  const server = await startApiServer();
  const admin = new KubeClient({ connection: readKubeConnection(server.kubeconfigs.admin), fieldManager: 'bench' });
  return {
    server,
    admin,
    stop: async () => {
      admin.close();
      await server.stop();
    },
  };
}

/**
 * Creates everything that exists before the operator starts: CRDs and other manifests, namespaces, and `count`
 * resources.
 */
export async function fillCluster({ server, admin }: ClusterUnderBench, operator: OperatorCase, count: number) {
  await applyManifests(admin, [server.crds, ...operator.manifests].flatMap(readManifests));
  for (let index = 0; index < NAMESPACES; index++) {
    const metadata = { name: namespaceOf(index) };
    await admin.apply(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  await applyManifests(admin, operator.surroundings);
  await inParallel(count, (index) => createOne(admin, operator, index));
}

/** Creates the resource with this index, and the objects that accompany it. */
export async function createOne(admin: KubeClient, operator: OperatorCase, index: number): Promise<KubeObject> {
  await applyManifests(admin, operator.beside(index));
  return admin.apply(operator.resource, operator.build(index));
}

/** Returns how many server-side applies per second the API server handles, of a PrometheusRule of about 7 kB. */
export async function measureWriteLimit(admin: KubeClient): Promise<number> {
  const startedAt = performance.now();
  await inParallel(LIMIT_WRITES, (index) => admin.apply(resources.prometheusRule, buildLargeRule(index)));
  return LIMIT_WRITES / ((performance.now() - startedAt) / 1_000);
}

function buildLargeRule(index: number): KubeObject {
  const rules = Array.from({ length: 24 }, (_, rule) => ({
    alert: `Limit${rule}`,
    expr: `sum(rate(some_metric_total{job="limit",index="${rule}"}[5m])) / sum(rate(some_other_metric_total[5m])) > 0.1`,
    for: '5m',
    labels: { severity: 'warning' },
    annotations: { summary: 'A rule as large as others', description: 'x'.repeat(60) },
  }));
  const { apiVersion, kind } = resources.prometheusRule;
  const metadata = { namespace: 'default', name: `limit-${index}` };
  return { apiVersion, kind, metadata, spec: { groups: [{ name: 'limit', rules }] } };
}

/** Reads the API server's count of write requests since its start, keyed by resource or by `resource/subresource`. */
export async function readWrites(admin: KubeClient): Promise<Map<string, number>> {
  const writes = new Map<string, number>();
  for (const { name, labels, value } of readScrape(await admin.getText('/metrics'))) {
    const { verb = '', resource = '', subresource = '' } = labels;
    if (name !== 'apiserver_request_total' || !WRITING.includes(verb)) continue;
    const written = [resource, subresource].filter((part) => part !== '').join('/');
    writes.set(written, (writes.get(written) ?? 0) + value);
  }
  return writes;
}

/**
 * Returns the number of write requests between two readings, with the keys of `readWrites`. Leaves out writes of the
 * Lease, because they do not depend on the number of resources.
 */
export function writesBetween(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  const grown = [...after].map(([written, count]): [string, number] => [written, count - (before.get(written) ?? 0)]);
  return Object.fromEntries(grown.filter(([written, count]) => count > 0 && written !== resources.lease.plural));
}

export async function countObjects(admin: KubeClient, resource: Resource, labelSelector?: string): Promise<number> {
  return (await admin.list(resource, { labelSelector })).items.length;
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
