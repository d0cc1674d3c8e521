/**
 * Measures how long the check of metrics, labels and buckets takes for the alerts of users: as the operator checks them now, and
 * with the plain search for similar names that it used before. One JSON line. See docs/benchmarks.md.
 *
 *     node bench/names.ts [--alerts=1000]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { editDistance } from '#base/find-nearest.ts';
import { inSlices } from '#base/in-slices.ts';
import { selectedMetrics } from '#base/promql/promql-tree.ts';
import { metricNames } from '#catalogue/metrics.ts';
import { checkSteps } from '#controller/compile/promql/check-steps.ts';
import { specOf } from '../test/support/spec-of.ts';
import { describeMachine, percentile, printCase, readCount, round, tell } from './figures.ts';

/** Alerts as clusters have them: most read exporters, some read several metrics, one reads a name that nothing emits. */
const patterns: readonly ((n: number) => string)[] = [
  (n) => `sum by (namespace, pod) (kube_pod_container_status_restarts_total{container="c${n}"}) > ${n}`,
  (n) => `rate(node_network_receive_errs_total[5m]) / rate(node_network_receive_packets_total[5m]) > 0.0${n}`,
  (n) => `sum by (job) (rate(pipeline_executions_total{status="failed"}[5m])) > ${n}`,
  (n) => `histogram_quantile(0.9, sum by (le) (rate(apiserver_request_duration_seconds_bucket[5m]))) > ${n}`,
  (n) => `kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes > 0.${n} and up{job="j${n}"} == 1`,
  (n) => `container_memory_working_set_of_kind_${n}_bytes / container_spec_memory_limit_bytes > 0.9`,
  (n) => Array.from({ length: 24 }, (_, part) => `kube_long_rule_${n}_part_${part}_total`).join(' + '),
  (n) => `absence_of_metric_${n}_total > 0`,
];

/** The search for similar names as it was: the whole table of edit distances to every name of the catalogue. */
function searchPlainly(expr: string): boolean {
  return selectedMetrics(expr).some((name) => metricNames.some((known) => editDistance(known, name) <= 2));
}

const { values } = parseArgs({ options: { alerts: { type: 'string', default: '1000' } } });
const alerts = readCount('alerts', values.alerts);
const machine = describeMachine();
const expressions = Array.from({ length: alerts }, (_, n) =>
  (patterns[n % patterns.length] as (n: number) => string)(n),
);
const specs = Array.from({ length: Math.ceil(alerts / 100) }, (_, index) =>
  specOf({
    alerts: {
      custom: expressions.slice(index * 100, index * 100 + 100).map((expr, n) => ({ alert: `A${index}_${n}`, expr })),
    },
  }),
);

tell(`checking ${alerts} alerts`);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const each: number[] = [];
const began = performance.now();
for (const spec of specs) {
  for await (const check of inSlices(checkSteps(spec))) {
    const at = performance.now();
    check();
    each.push(performance.now() - at);
  }
}
const total = performance.now() - began;
delay.disable();

tell('searching plainly, as before');
const plainBegan = performance.now();
for (const expr of expressions) searchPlainly(expr);
const plain = performance.now() - plainBegan;

const figures = {
  ...{ alerts, total_ms: round(total, 1), baseline_total_ms: round(plain, 1), times_faster: round(plain / total, 1) },
  ...{ per_rule_p50_ms: round(percentile(each, 0.5)), per_rule_max_ms: round(Math.max(...each)) },
  ...{ event_loop_held_max_ms: round(delay.max / 1e6, 1), baseline_held_ms: round(plain, 1), machine },
};
printCase('names', 'own alerts', figures, { slice_ms: 5, baseline: 'full edit distance to every name, in one piece' });
