/** Which metric and which label cost Prometheus most, and is it too much? Pure. */
import type { NamedCount } from '../../prometheus/http-api.ts';
import type { PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export interface MemoryLimits {
  /** Series of one metric. */
  readonly series: number;
  /** Values of one label. */
  readonly labelValues: number;
}

/** A series in memory costs some 4 to 8 kB: 100,000 are the better part of a gigabyte. */
export const DEFAULT_MEMORY_LIMITS: MemoryLimits = { series: 100_000, labelValues: 10_000 };

const REMEDY =
  'Take the label that grows out of the metric, or drop it by metricRelabelings; `topk(10, count by (__name__, job) ({__name__="<metric>"}))` says whose it is';

export function checkMemory({ tsdb }: PrometheusFacts, limits: MemoryLimits): Finding {
  if ('error' in tsdb) return unknown('memoryTooHigh', tsdb.error, 'Give the address of the Prometheus itself');
  const { headStats, seriesCountByMetricName, labelValueCountByLabelName } = tsdb.value;
  const metric = largest(seriesCountByMetricName);
  const label = largest(labelValueCountByLabelName.filter(({ name }) => name !== '__name__'));
  const message = [
    `${headStats.numSeries} series in memory`,
    metric && `most of one metric: ${metric.name} with ${metric.value}`,
    label && `most values of one label: ${label.name} with ${label.value}`,
  ]
    .filter(Boolean)
    .join('; ');
  const tooMany = (metric?.value ?? 0) > limits.series || (label?.value ?? 0) > limits.labelValues;
  if (!tooMany) return ok('memoryTooHigh', message);
  const limit = `(limits: ${limits.series} and ${limits.labelValues})`;
  return wrong('memoryTooHigh', `${message} ${limit}`, REMEDY);
}

function largest(counts: readonly NamedCount[]): NamedCount | undefined {
  return [...counts].sort((a, b) => b.value - a.value)[0];
}
