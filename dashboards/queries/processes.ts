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
 * Share of the CPU limit that a replica uses, for the replica of each service that is nearest to its limit. That
 * replica is throttled first, however much the other replicas have left. `memoryShare` is the same for the memory
 * limit, at which a replica is killed.
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

/**
 * The duration of a scrape on the slowest replica of each service. `scrapeBytes` is the size of the largest replica's
 * scrape.
 */
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
 * Number of restarts of containers. A container that restarts keeps its address, so its series continues with a new
 * start time. A new pod has a new series, so it does not count as a restart.
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
