/**
 * How fast and how light the operator is: 1,000 TradingPipelines exist, the controller starts cold. One JSON line a case on
 * standard output, progress on standard error. Measures a process of its own against a real API server of its own.
 *
 *     node bench/operator.ts [rules|full …]
 */
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { type Resource, resources } from '#controller/api/resources.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { startApiServer, type TestApiServer } from '../test/support/start-api-server.ts';
import { startMeasured } from './measured-process.ts';
import { type BenchCase, benchCases, isBenchCase } from './operator-cases.ts';

const root = join(import.meta.dirname, '..');
const RESOURCES = 1_000;
const NAMESPACES = 20;
const CONCURRENCY = 16;
const LIMIT_WRITES = 600;
const QUIET_MS = 60_000;
const NEW_RESOURCES = 100;
const DEADLINE_MS = 300_000;

interface Figures {
  readonly [name: string]: number | string | object;
}

async function runCase(name: BenchCase): Promise<Figures> {
  const server = await startApiServer();
  const admin = new KubeClient({ connection: readKubeConnection(server.kubeconfigs.admin), fieldManager: 'bench' });
  try {
    const load = loadavg()[0] ?? 0;
    await prepare(server, admin, name);
    const limit = await measureWriteLimit(admin);
    tell(`the API server takes ${limit.toFixed(0)} such writes a second`);
    const cold = await measureColdStart(server, admin, name, limit);
    const during = await measureNewDuringResync(server, admin, name);
    return { case: name, resources: RESOURCES, ...cold, ...during, machine: describeMachine(load) };
  } finally {
    admin.close();
    await server.stop();
  }
}

async function prepare(server: TestApiServer, admin: KubeClient, name: BenchCase): Promise<void> {
  const manifests = [server.crds, join(root, 'crds'), join(root, 'controller', 'manifests', 'rbac.yaml')];
  await applyManifests(admin, manifests.flatMap(readManifests));
  for (let index = 0; index < NAMESPACES; index++) {
    const metadata = { name: namespaceOf(index) };
    await admin.apply(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  tell(`${name}: making ${RESOURCES} TradingPipelines`);
  await inParallel(RESOURCES, (index) => admin.apply(resources.tradingPipeline, pipeline(name, index)));
}

function pipeline(name: BenchCase, index: number): TradingPipeline {
  const { apiVersion, kind } = resources.tradingPipeline;
  const metadata = { namespace: namespaceOf(index), name: `tp-${index}` };
  return { apiVersion, kind, metadata, spec: benchCases[name].spec(index) };
}

function namespaceOf(index: number): string {
  return `bench-${index % NAMESPACES}`;
}

/** Server-side applies of a PrometheusRule of some 7 kB, as many at once as the controller makes. */
async function measureWriteLimit(admin: KubeClient): Promise<number> {
  const { apiVersion, kind } = resources.prometheusRule;
  const rules = Array.from({ length: 24 }, (_, index) => ({
    alert: `Limit${index}`,
    expr: `sum(rate(some_metric_total{job="limit",index="${index}"}[5m])) / sum(rate(some_other_metric_total[5m])) > 0.1`,
    for: '5m',
    labels: { severity: 'warning' },
    annotations: { summary: 'A rule as large as others', description: 'x'.repeat(60) },
  }));
  const write = (index: number) =>
    admin.apply(resources.prometheusRule, {
      apiVersion,
      kind,
      metadata: { namespace: 'default', name: `limit-${index}` },
      spec: { groups: [{ name: 'limit', rules }] },
    });
  const startedAt = performance.now();
  await inParallel(LIMIT_WRITES, write);
  return LIMIT_WRITES / ((performance.now() - startedAt) / 1_000);
}

async function measureColdStart(
  server: TestApiServer,
  admin: KubeClient,
  name: BenchCase,
  limit: number,
): Promise<Figures> {
  const follower = followPipelines(admin, RESOURCES);
  await follower.ready;
  const startedAt = performance.now();
  const controller = await startMeasured(server.kubeconfigs.controller, {});
  try {
    await follower.done;
    await everyObjectIsThere(admin, name);
    const seconds = (performance.now() - startedAt) / 1_000;
    tell(`${name}: done after ${seconds.toFixed(1)} s; watching ${QUIET_MS / 1_000} quiet seconds`);
    const usage = controller.usage();
    const writes = await controller.writes();
    const versions = await objectVersions(admin);
    await sleep(QUIET_MS);
    const changed = (await objectVersions(admin)).filter((version) => !versions.includes(version)).length;
    return {
      seconds: round(seconds),
      cpu_seconds: round(usage.cpuSeconds),
      peak_rss_mb: round(usage.peakRssMb),
      writes_per_resource: round(writes / RESOURCES),
      reads_of_single_objects: await controller.requests('get'),
      writes_in_the_next_60_s: (await controller.writes()) - writes,
      objects_changed_in_the_next_60_s: changed,
      // Events are writes, too, and are sent at a pace of their own.
      events_in_all: (await admin.list(resources.event)).items.length,
      write_limit_per_second: round(limit),
      share_of_write_limit: round(writes / seconds / limit),
    };
  } finally {
    await controller.stop();
  }
}

/** The caches and the queue are busy with all resources, over and over; new ones come one after the other. */
async function measureNewDuringResync(server: TestApiServer, admin: KubeClient, name: BenchCase): Promise<Figures> {
  const controller = await startMeasured(server.kubeconfigs.controller, { RESYNC_MS: '1000' });
  try {
    await controller.settled();
    const waits: number[] = [];
    for (let index = RESOURCES; index < RESOURCES + NEW_RESOURCES; index++)
      waits.push(await timeUntilDone(admin, name, index));
    waits.sort((a, b) => a - b);
    const at = (share: number) => round((waits[Math.ceil(waits.length * share) - 1] ?? 0) / 1_000);
    return { new_while_resync_p50_seconds: at(0.5), new_while_resync_p99_seconds: at(0.99) };
  } finally {
    await controller.stop();
  }
}

async function timeUntilDone(admin: KubeClient, name: BenchCase, index: number): Promise<number> {
  const startedAt = performance.now();
  const { metadata } = await admin.apply(resources.tradingPipeline, pipeline(name, index));
  while (performance.now() - startedAt < DEADLINE_MS) {
    const now = await admin.get<TradingPipeline>(resources.tradingPipeline, metadata);
    if (now.status?.observedGeneration === now.metadata.generation) return performance.now() - startedAt;
    await sleep(5);
  }
  throw new Error(`${metadata.name} was not handled within ${DEADLINE_MS / 1_000} s`);
}

/** Watches until `count` resources have a status of their generation; asks nothing while it waits. */
function followPipelines(admin: KubeClient, count: number): { ready: Promise<void>; done: Promise<void> } {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const follow = async () => {
    const { resourceVersion } = await admin.list(resources.tradingPipeline);
    resolve();
    const handled = new Set<string | undefined>();
    const watch = admin.watch<TradingPipeline>(resources.tradingPipeline, { resourceVersion, timeoutSeconds: 300 });
    for await (const { object } of watch) {
      if (object.status?.observedGeneration === object.metadata.generation) handled.add(object.metadata.uid);
      if (handled.size === count) return;
    }
    throw new Error(`${handled.size} of ${count} TradingPipelines were handled within 300 s`);
  };
  const done = follow();
  done.catch(() => undefined);
  return { ready, done };
}

async function everyObjectIsThere(admin: KubeClient, name: BenchCase): Promise<void> {
  for (const [resource, each] of benchCases[name].objects) {
    const { items } = await admin.list(resource, { labelSelector: 'trading-platform.dev/pipeline' });
    if (items.length !== each * RESOURCES)
      throw new Error(`${items.length} of ${each * RESOURCES} ${resource.plural} are there`);
  }
}

async function objectVersions(admin: KubeClient): Promise<string[]> {
  const kinds: Resource[] = [resources.tradingPipeline, resources.serviceMonitor, resources.prometheusRule];
  const lists = await Promise.all([...kinds, resources.configMap].map((kind) => admin.list<KubeObject>(kind)));
  return lists.flatMap(({ items }) => items.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`));
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function describeMachine(loadBefore: number): object {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  return { cpus: cpus().length, model: first?.model, memory, node: process.version, load_before: round(loadBefore) };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !isBenchCase(name));
if (unknown) throw new Error(`${unknown} is no case; there are ${Object.keys(benchCases).join(', ')}`);
const chosen = positionals.length > 0 ? positionals.filter(isBenchCase) : (Object.keys(benchCases) as BenchCase[]);
for (const name of chosen) process.stdout.write(`${JSON.stringify(await runCase(name))}\n`);
