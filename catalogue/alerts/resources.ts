/** Alerts on the resources of processes: are CPU, memory and label sets left? */
import { rate, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import { instanceLabels, perInstance, seriesOfAll } from './expressions.ts';

/**
 * Time window in which overflows of label sets are counted. It is so long that the alert still fires when somebody
 * investigates a short burst.
 */
const OVERFLOW_WINDOW = '15m';

export const resourceAlerts = {
  HighCPUUsage: {
    about: 'A service uses more than this share of its CPU limit',
    severity: 'warning',
    for: '10m',
    threshold: 0.8,
    unit: 'share',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: 'own',
    byService: true,
    expr: (scope) => {
      const used = sum(rate(seriesOfAll(scope, 'process_cpu_seconds_total'), scope.window), instanceLabels);
      return `${used}\n/\n${perInstance(seriesOfAll(scope, 'process_cpu_limit_cores'))} > ${scope.threshold}`;
    },
    summary: '{{ $labels.service }} needs most of its CPU limit',
    description: (_scope, limit) =>
      `{{ $labels.instance }} uses {{ $value | humanizePercentage }} of the CPU it may use (limit ${limit}).`,
  },

  HighMemoryUsage: {
    about: 'A service uses more than this share of its memory limit',
    severity: 'warning',
    for: '10m',
    threshold: 0.85,
    unit: 'share',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: 'own',
    byService: true,
    expr: (scope) => {
      const used = perInstance(seriesOfAll(scope, 'process_resident_memory_bytes'));
      return `${used}\n/\n${perInstance(seriesOfAll(scope, 'process_memory_limit_bytes'))} > ${scope.threshold}`;
    },
    summary: '{{ $labels.service }} needs most of its memory limit',
    description: (_scope, limit) =>
      `{{ $labels.instance }} uses {{ $value | humanizePercentage }} of the memory it may use (limit ${limit}). At all of it, it is killed.`,
  },

  LabelBudgetExceeded: {
    about: 'A metric has more label sets than its budget, and what comes beyond is counted under `other`',
    severity: 'warning',
    for: '0m',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: [],
    byService: true,
    expr: (scope) => {
      const overflow = seriesOfAll(scope, 'telemetry_label_overflow_total');
      return `${sum(growth(overflow, OVERFLOW_WINDOW), ['service', 'metric'])} > 0`;
    },
    summary: '{{ $labels.service }} counts {{ $labels.metric }} under "other"',
    description: () =>
      `{{ $value | printf "%.0f" }} observations of {{ $labels.metric }} in the last ${OVERFLOW_WINDOW} have lost their labels: it has as many label sets as it may.`,
  },
} as const satisfies Record<string, AlertDefinition>;

export const resourceRunbooks = {
  HighCPUUsage: {
    means: 'A service has used more than 80 % of the CPU it may use for ten minutes.',
    feels: 'Nothing yet. Latency, lag and missed scrapes come next.',
    look: [
      'Is it work or a loop? Work rises and falls with the traffic.',
      {
        promql: 'sum by (job, pod) (rate(process_cpu_seconds_total[5m])) / sum by (job, pod) (process_cpu_limit_cores)',
      },
      { promql: 'sum(rate(signals_consumed_total[5m]))' },
    ],
    remedy: [
      'It follows the traffic: add replicas (of workers, or of dispatchers up to the number of partitions), or ' +
        'raise the limit.',
      "It does not: read the log, then restart the service. Note the pod's name and the time for the search for " +
        'the loop.',
    ],
    silence: 'During a planned replay at full speed or a bulk import.',
  },

  HighMemoryUsage: {
    means: 'A service has used more than 85 % of the memory it may use for ten minutes. At 100 % it is killed.',
    feels: 'Nothing yet. When the limit is reached, the service restarts.',
    look: [
      'Is it a slope or a step? A slope that a restart resets is a leak. A step comes with pipelines or traffic.',
      { promql: 'max by (job, pod) (process_resident_memory_bytes) / max by (job, pod) (process_memory_limit_bytes)' },
      { promql: 'max(pipeline_cache_size)' },
    ],
    remedy: [
      'A step: raise the limit.',
      'A slope: restart the service before it is killed at a worse moment (`kubectl -n $NS rollout restart ' +
        'deploy/<service>`), and report it with the graph.',
    ],
    silence: 'For a day at most, until a planned raise of the limit.',
  },

  LabelBudgetExceeded: {
    means:
      'A metric of a service has as many label sets as one process may keep. New label sets are counted under ' +
      '`other`: sums stay right, but the new ones cannot be told apart.',
    feels: 'A pipeline, a ticker or a signal type has no line of its own on the dashboards.',
    look: [
      'Which metric is it, and which of its labels grows?',
      { promql: 'sum by (job, metric) (increase(telemetry_label_overflow_total[15m]))' },
      { promql: 'topk(20, count by (signal_type) (signals_consumed_total))' },
    ],
    remedy: [
      'The values are a mistake, such as signal types that contain an id: repair the sender, then restart the ' +
        'service. A counter keeps its label sets until its process ends.',
      'The values are right: raise `METRICS_LABEL_SETS` of the service ([telemetry](../telemetry.md)), and ' +
        'check what a scrape then costs (`telemetry_scrape_duration_seconds`).',
      'One pipeline must keep its own series: declare it with a TradingPipeline.',
    ],
    silence: 'While the sender of the values is being repaired.',
  },
} as const satisfies Record<keyof typeof resourceAlerts, Runbook>;
