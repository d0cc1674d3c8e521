/** Names the metric with the most series and the label with the most values, and compares both with limits. Pure. */
import type { NamedCount } from '../../prometheus/http-api.ts';
import type { PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export interface MemoryLimits {
  /** Maximum number of series that one metric may have. */
  readonly series: number;
  /** Maximum number of values that one label may have. */
  readonly labelValues: number;
}

/** A series takes about 4 to 8 kB of memory, so 100,000 series take between 400 and 800 MB. */
export const DEFAULT_MEMORY_LIMITS: MemoryLimits = { series: 100_000, labelValues: 10_000 };

const REMEDY =
  'Remove the label that grows from the metric, or drop it with metricRelabelings. `topk(10, count by (__name__, job) ({__name__="<metric>"}))` shows which job it comes from';

export function checkMemory({ tsdb }: PrometheusFacts, limits: MemoryLimits): Finding {
  if ('error' in tsdb)
    return unknown(
      'memoryTooHigh',
      tsdb.error,
      'Pass the address of Prometheus itself, not of a proxy that only answers queries',
    );
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
