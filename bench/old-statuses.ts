/**
 * Measures how long the event loop is blocked while the operator checks for 1,000 TradingPipelines whether a new
 * response of Prometheus makes their status out of date. The caches and the reconciler are the real ones; no API server
 * is involved. One JSON line per case. See docs/benchmarks.md.
 *
 *     node bench/old-statuses.ts [--resources=1000]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inSlices } from '#base/in-slices.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { groupsOf, type RuleGroup } from '#controller/compile/objects/generated-object.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { ClusterCaches } from '#controller/operator/cluster-caches.ts';
import {
  buildPrometheusAnswer,
  type PrometheusView,
  type RawGroup,
} from '#controller/reconcile/monitoring/prometheus-view.ts';
import type { ClusterWriter } from '#controller/reconcile/ports.ts';
import { Reconciler } from '#controller/reconcile/reconciler.ts';
import { describeMachine, type Figures, printCase, readCount, round, tell } from './figures.ts';
import { countedEvents, namespaceOf } from './operator/operator-case.ts';

const { values } = parseArgs({ options: { resources: { type: 'string', default: '1000' } } });
const count = readCount('resources', values.resources);

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const nowhere = { server: new URL('http://127.0.0.1:9'), credentials: () => Promise.reject(), forget: () => {} };
const client = new KubeClient({ connection: nowhere, fieldManager: FIELD_MANAGER });
const caches = new ClusterCaches({ client, log: silent, onChange: () => {} });
const groups: RawGroup[] = [];
let version = 1_000;
let view: PrometheusView = { state: 'waiting' };

const reconciler = new Reconciler({
  view: caches,
  writer: buildWriter(),
  events: { driftRepaired: () => {}, conditionsChanged: () => {}, info: () => {}, warn: () => {} },
  prometheus: () => view,
  backend: () => ({ state: 'notConfigured' }),
  now: () => new Date(),
});

const machine = describeMachine();
tell(`reconciling ${count} resources`);
for (let index = 0; index < count; index++) caches.put(buildPipeline(index));
const keys = [...caches.keys()];
await reconcileAll();
view = { state: 'answered', answer: buildAnswer() };
report('all-are-old', await look(count));
await reconcileAll();
report('none-is-old', await look(0));

/** Checks the status of every TradingPipeline, in slices, as the operator does after each response of Prometheus. */
async function look(expected: number): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(50);
  delay.reset();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let [old, longestMs] = [0, 0];
  for await (const key of inSlices(keys)) {
    const askedAt = performance.now();
    if (reconciler.isStatusOld(key)) old += 1;
    longestMs = Math.max(longestMs, performance.now() - askedAt);
  }
  const totalMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  await sleep(5);
  delay.disable();
  if (old !== expected) throw new Error(`expected ${expected} statuses out of date, got ${old}`);
  return {
    resources: count,
    all_ms: round(totalMs, 1),
    cpu_ms: round((user + system) / 1_000, 1),
    longest_resource_ms: round(longestMs, 2),
    longest_turn_ms: round(delay.max / 1e6, 1),
  };
}

function report(name: string, figures: Figures): void {
  printCase('old-statuses', name, { ...figures, machine }, { objectives_each: 2, event_loop_resolution_ms: 1 });
}

async function reconcileAll(): Promise<void> {
  for (const key of keys) await reconciler.reconcile(key);
}

/**
 * Builds a writer that puts objects into the caches, and the rules of these objects into the simulated response of
 * Prometheus.
 */
function buildWriter(): ClusterWriter {
  const apply = async (object: KubeObject) => {
    const metadata = { ...object.metadata, uid: `uid-${++version}`, resourceVersion: String(version) };
    const applied = { ...object, metadata };
    caches.put(applied);
    groups.push(...groupsOf(object).map(loaded));
    return applied;
  };
  return {
    nameHolder: async () => undefined,
    applyNew: apply,
    apply,
    takeBack: apply,
    delete: async () => {},
    applyStatus: async ({ metadata, status }) => {
      const pipeline = caches.resource(`${metadata.namespace}/${metadata.name}`) as TradingPipeline;
      caches.put({ ...pipeline, status, metadata: { ...pipeline.metadata, resourceVersion: String(++version) } });
    },
  };
}

function loaded({ name, rules }: RuleGroup): RawGroup {
  return { name, rules: rules.map((rule) => ({ name: rule.alert ?? rule.record ?? '', health: 'ok' })) };
}

function buildAnswer() {
  const objectives = keys.flatMap((key, index) => {
    const [namespace = '', tradingpipeline = ''] = key.split('/');
    return countedEvents(index).flatMap(({ name: objective }) =>
      [objectiveSeries.success, objectiveSeries.budgetRemaining, objectiveSeries.burnRate].map((__name__) => ({
        metric: { __name__, namespace, tradingpipeline, objective },
        value: [0, '0.5'] as const,
      })),
    );
  });
  return buildPrometheusAnswer({ targets: [], groups, alerts: [], objectives });
}

function buildPipeline(index: number): TradingPipeline {
  const { apiVersion, kind } = resources.tradingPipeline;
  const objectives = countedEvents(index).map(({ name, target, bad, total }) => ({
    name,
    target,
    indicator: { custom: { bad, total } },
  }));
  const metadata = { namespace: namespaceOf(index), name: `tp-${index}`, uid: `uid-tp-${index}`, generation: 1 };
  return { apiVersion, kind, metadata: { ...metadata, resourceVersion: '1' }, spec: { objectives } } as TradingPipeline;
}
