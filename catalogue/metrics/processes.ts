/** Metrics of every process. */
import { CONTROLLER, serviceNames } from '../services.ts';
import { type MetricDefinition, open } from './metric.ts';

export const processMetrics = {
  process_start_time_seconds: {
    type: 'gauge',
    help: 'Start time of the process since unix epoch in seconds.',
    emittedBy: [...serviceNames, CONTROLLER],
    runtime: true,
  },
  process_cpu_limit_cores: {
    type: 'gauge',
    help: 'CPU the process may use: the limit of its cgroup, or the cores of the machine.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  process_memory_limit_bytes: {
    type: 'gauge',
    help: 'Memory the process may use: the limit of its cgroup, or the memory of the machine.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  telemetry_scrape_duration_seconds: {
    type: 'gauge',
    help: 'Time the process took to answer its last scrape.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  telemetry_scrape_size_bytes: {
    type: 'gauge',
    help: 'Size of the last answer to a scrape, before compression.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  telemetry_label_overflow_total: {
    type: 'counter',
    help: 'Observations counted under `other`, because their metric had its most label sets already.',
    labels: { metric: open },
    emittedBy: [...serviceNames, CONTROLLER],
  },
} as const satisfies Record<string, MetricDefinition>;
