import type { Expression } from './expression.ts';
import { selectMetric, selectRuntime } from './selector.ts';

/** What the processes of the services use, and how much of it they may. */
const PROCESS = 'cluster, namespace, job, instance';
const cpuOfProcess = `sum by (${PROCESS}) (rate(${selectRuntime('process_cpu_seconds_total')}[$__rate_interval]))`;
const memoryOfProcess = `max by (${PROCESS}) (${selectRuntime('process_resident_memory_bytes')})`;

export const cpuCores: Expression = {
  promql: `sum by (job) (${cpuOfProcess})`,
  reads: ['process_cpu_seconds_total'],
};
export const memoryBytes: Expression = {
  promql: `sum by (job) (${memoryOfProcess})`,
  reads: ['process_resident_memory_bytes'],
};

/** Of the replica that is nearest to its limit: it is throttled or killed first, whatever the others have left. */
export const cpuShare = nearestToLimit(cpuOfProcess, 'process_cpu_seconds_total', 'process_cpu_limit_cores');
export const memoryShare = nearestToLimit(
  memoryOfProcess,
  'process_resident_memory_bytes',
  'process_memory_limit_bytes',
);

export const eventLoopDelay: Expression = {
  promql: `max by (job) (${selectRuntime('nodejs_eventloop_lag_p99_seconds')})`,
  reads: ['nodejs_eventloop_lag_p99_seconds'],
};

/** Of the replica that is slowest, or largest, to scrape. */
export const scrapeSeconds: Expression = {
  promql: `max by (job) (${selectMetric('telemetry_scrape_duration_seconds')})`,
  reads: ['telemetry_scrape_duration_seconds'],
};
export const scrapeBytes: Expression = {
  promql: `max by (job) (${selectMetric('telemetry_scrape_size_bytes')})`,
  reads: ['telemetry_scrape_size_bytes'],
};
export const labelOverflow: Expression = {
  promql: `sum by (job, metric) (rate(${selectMetric('telemetry_label_overflow_total')}[$__rate_interval]))`,
  reads: ['telemetry_label_overflow_total'],
};

/** A container that restarts keeps its address, so its start time changes; a new pod is a new series, and no restart. */
export const restarts: Expression = {
  promql: `sum by (job) (changes(${selectMetric('process_start_time_seconds')}[$time_range]))`,
  reads: ['process_start_time_seconds'],
};

function nearestToLimit(
  used: string,
  metric: 'process_cpu_seconds_total' | 'process_resident_memory_bytes',
  limit: 'process_cpu_limit_cores' | 'process_memory_limit_bytes',
): Expression {
  const allowed = `(max by (${PROCESS}) (${selectMetric(limit)}) > 0)`;
  return { promql: `max by (job) (${used} / ${allowed})`, reads: [metric, limit] };
}
