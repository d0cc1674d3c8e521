import { type LabelDefinition, type MetricName, metricDefinition, metricNames } from '#catalogue/metrics.ts';
import { serviceNames } from '#catalogue/services.ts';

/**
 * A series of the busy platform, in promtool's notation (first value, step and number of samples). The busy platform has every metric of
 * the catalogue, from two replicas of each process that emits the metric, with every listed label value.
 */
export interface Series {
  readonly series: string;
  readonly values: string;
}

const SAMPLES = 30;
const replicas = ['a', 'b'];
/**
 * Values of open labels (labels whose values the catalogue does not list) that queries select. All other open labels
 * get the values x and y.
 */
const asked: Readonly<Record<string, readonly string[]>> = {
  status_code: ['200', '404', '503'],
  code: ['200', '409', '503'],
};

/** Builds the series of the busy platform. */
export function buildBusyPlatform(): Series[] {
  return [...metricNames.flatMap(seriesOfMetric), ...seriesOfRuntime(), ...alertSeries];
}

function seriesOfMetric(name: MetricName): Series[] {
  const { type, labels = {}, emittedBy, buckets = [] } = metricDefinition(name);
  return emittedBy.flatMap((job) =>
    replicas.flatMap((pod) =>
      combine(labels).flatMap((set) => {
        const all = { job, namespace: 'trading', instance: pod, ...set };
        if (type === 'gauge') return [line(name, all, 5, 0)];
        if (type === 'counter') return [line(name, all, 0, 1)];
        return histogram(name, all, buckets);
      }),
    ),
  );
}

function histogram(name: string, labels: Record<string, string>, buckets: readonly number[]): Series[] {
  const bounds = [...buckets.map(String), '+Inf'];
  return [
    ...bounds.map((le, index) => line(`${name}_bucket`, { ...labels, le }, 0, index + 1)),
    line(`${name}_count`, labels, 0, bounds.length),
    line(`${name}_sum`, labels, 0, 1),
  ];
}

function seriesOfRuntime(): Series[] {
  return serviceNames.flatMap((job) =>
    replicas.flatMap((instance) => {
      const labels = { job, namespace: 'trading', instance };
      return [
        line('up', labels, 1, 0),
        line('process_cpu_seconds_total', labels, 0, 1),
        line('process_resident_memory_bytes', labels, 1, 0),
        line('nodejs_eventloop_lag_p99_seconds', labels, 1, 0),
      ];
    }),
  );
}

const alert = { alertname: 'ServiceDown', service: 'backend', severity: 'critical', tradingpipeline: 'platform' };
const alertSeries = [line('ALERTS', { ...alert, alertstate: 'firing' }, 1, 0), line('ALERTS_FOR_STATE', alert, 1, 0)];

function combine(labels: Readonly<Record<string, LabelDefinition>>): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    const taken = 'open' in values ? (asked[label] ?? ['x', 'y']) : values;
    sets = sets.flatMap((set) => taken.map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}

function line(name: string, labels: Readonly<Record<string, string>>, from: number, step: number): Series {
  const printed = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return { series: `${name}{${printed.join(', ')}}`, values: `${from}+${step}x${SAMPLES}` };
}
