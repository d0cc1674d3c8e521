/** CPU and memory of the processes: how much they use, and their limits. */
import { max, rate, sum } from '#base/promql/build-promql.ts';
import type { RuntimeName } from '#catalogue/series.ts';
import type { Expression } from './expression.ts';
import { selectMetric, selectRuntime } from './selector.ts';

const ofProcess = ['cluster', 'namespace', 'job', 'instance'];
const cpuOfProcess = sum(rate(selectRuntime('process_cpu_seconds_total'), '$__rate_interval'), ofProcess);
const memoryOfProcess = max(selectRuntime('process_resident_memory_bytes'), ofProcess);

export const cpuCores: Expression = {
  promql: sum(cpuOfProcess, ['job']),
  reads: ['process_cpu_seconds_total'],
};
export const memoryBytes: Expression = {
  promql: sum(memoryOfProcess, ['job']),
  reads: ['process_resident_memory_bytes'],
};

/**
 * Share of its limit that the replica nearest to its limit uses. That replica is throttled or killed first, however much the
 * other replicas have left.
 */
export const cpuShare = nearestToLimit(cpuOfProcess, 'process_cpu_seconds_total', 'process_cpu_limit_cores');
export const memoryShare = nearestToLimit(
  memoryOfProcess,
  'process_resident_memory_bytes',
  'process_memory_limit_bytes',
);

export const eventLoopDelay: Expression = {
  promql: max(selectRuntime('nodejs_eventloop_lag_p99_seconds'), ['job']),
  reads: ['nodejs_eventloop_lag_p99_seconds'],
};

/** The duration and the size of a scrape of the slowest and the largest replica. */
export const scrapeSeconds: Expression = {
  promql: max(selectMetric('telemetry_scrape_duration_seconds'), ['job']),
  reads: ['telemetry_scrape_duration_seconds'],
};
export const scrapeBytes: Expression = {
  promql: max(selectMetric('telemetry_scrape_size_bytes'), ['job']),
  reads: ['telemetry_scrape_size_bytes'],
};
export const labelOverflow: Expression = {
  promql: sum(rate(selectMetric('telemetry_label_overflow_total'), '$__rate_interval'), ['job', 'metric']),
  reads: ['telemetry_label_overflow_total'],
};

/**
 * Restarts of containers. A container that restarts keeps its address, so the start time in its series changes. A new pod has a
 * new series and does not count.
 */
export const restarts: Expression = {
  promql: sum(`changes(${selectMetric('process_start_time_seconds')}[$time_range])`, ['job']),
  reads: ['process_start_time_seconds'],
};

function nearestToLimit(
  used: string,
  metric: RuntimeName,
  limit: 'process_cpu_limit_cores' | 'process_memory_limit_bytes',
): Expression {
  const allowed = `(${max(selectMetric(limit), ofProcess)} > 0)`;
  return { promql: max(`${used} / ${allowed}`, ['job']), reads: [metric, limit] };
}
