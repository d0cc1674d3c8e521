/** Finds the metrics of the catalogue that a platform under load does not emit. */
import { type MetricName, metricDefinition, metricNames } from '#catalogue/metrics.ts';
import type { ProcessName } from '#catalogue/services.ts';
import { queryRange, type Range } from '../observe/monitoring.ts';

/** A metric that no process emits, or that is missing from some process that should emit it. */
export interface SilentMetric {
  readonly metric: MetricName;
  readonly why: string;
}

export async function findSilentMetrics(prometheus: string, range: Range): Promise<SilentMetric[]> {
  const silent: SilentMetric[] = [];
  for (const metric of metricNames) {
    const why = judge(metric, await readMost(prometheus, metric, range));
    if (why) silent.push({ metric, why });
  }
  return silent;
}

/** Reads the highest value of a metric in each process. For a histogram, reads the highest count of observations. */
async function readMost(prometheus: string, metric: MetricName, range: Range): Promise<ReadonlyMap<string, number>> {
  const name = metricDefinition(metric).type === 'histogram' ? `${metric}_count` : metric;
  const series = await queryRange(prometheus, `max by (job) (${name})`, range);
  return new Map(
    series.map(({ metric: { job = '' }, values }) => [job, Math.max(...values.map(([, one]) => Number(one)))]),
  );
}

function judge(metric: MetricName, most: ReadonlyMap<string, number>): string | undefined {
  const { type, emittedBy, labels = {} } = metricDefinition(metric);
  const some = emittedBy.filter((process) => most.has(process));
  if (some.length === 0) return `no process emits it; expected ${emittedBy.join(', ')}`;
  if (type !== 'gauge' && !some.some((process) => (most.get(process) ?? 0) > 0)) return 'it stays at 0';
  const isThereFromTheStart = !Object.values(labels).some((values) => 'open' in values);
  const missing = emittedBy.filter((process: ProcessName) => !most.has(process));
  return isThereFromTheStart && missing.length > 0 ? `not emitted by ${missing.join(', ')}` : undefined;
}
