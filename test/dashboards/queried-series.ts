/**
 * The series that dashboards can query, from the catalogue: the metric that a series belongs to, its labels, and the processes that emit
 * it.
 */
import { type MetricName, metricDefinition, metrics } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import {
  CONTROLLER,
  CONTROLLER_SCRAPE_INTERVAL,
  type ProcessName,
  serviceNames,
  services,
} from '#catalogue/services.ts';

const targetLabels = ['cluster', 'namespace', 'job', 'pod', 'instance'];
const alertLabels = [
  'alertname',
  'alertstate',
  'severity',
  'service',
  'namespace',
  'pipeline_id',
  'tradingpipeline',
  'cluster',
];

/** The metrics of prom-client that dashboards query. Every process exposes them in addition to the metrics of the catalogue. */
const runtimeSeries = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_p99_seconds',
];

/** Returns the labels that a series can have, and its metric if it is in the catalogue. Returns undefined if no such series exists. */
export function resolveMetric(series: string): { name?: MetricName; labels: readonly string[] } | undefined {
  if (series === 'up') return { labels: targetLabels };
  if (series === 'ALERTS' || series === 'ALERTS_FOR_STATE') return { labels: alertLabels };
  if (runtimeSeries.includes(series)) return { labels: targetLabels };
  if (isMetric(series)) return metricDefinition(series).type === 'histogram' ? undefined : withLabels(series, []);
  const recorded = minuteCountList.find(({ record }) => record === series);
  if (recorded) return { name: recorded.metric, labels: recorded.labels };
  const [, stem = '', suffix] = /^(.*)_(bucket|sum|count)$/.exec(series) ?? [];
  if (!isMetric(stem) || metricDefinition(stem).type !== 'histogram') return undefined;
  return withLabels(stem, suffix === 'bucket' ? ['le'] : []);
}

/** Returns the metric of the catalogue that a series belongs to. */
export function catalogueName(series: string): MetricName | undefined {
  return resolveMetric(series)?.name;
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(metrics, name);
}

function withLabels(name: MetricName, more: readonly string[]) {
  return { name, labels: [...Object.keys(metricDefinition(name).labels ?? {}), ...targetLabels, ...more] };
}

/** Returns whether a scrape of the platform contains a series of this name, or Prometheus itself produces it. */
export function knownSeries(series: string): boolean {
  return resolveMetric(series) !== undefined;
}

/** Returns whether a series only ever grows, as counters and the series of histograms do. */
export function isCounter(series: string): boolean {
  if (isMinuteCount(series)) return false;
  if (runtimeSeries.includes(series)) return series.endsWith('_total');
  const name = resolveMetric(series)?.name;
  return name !== undefined && metricDefinition(name).type !== 'gauge';
}

/** Returns whether a recording rule writes the series once a minute, as the increase of a counter. */
export function isMinuteCount(series: string): boolean {
  return minuteCountList.some(({ record }) => record === series);
}

/** Returns the scrape intervals of the processes that emit a metric, in seconds. */
export function scrapeSeconds(metric: string): number[] {
  const name = resolveMetric(metric)?.name;
  const emitters = name ? metricDefinition(name).emittedBy : serviceNames;
  const intervalOf = (emitter: ProcessName) =>
    emitter === CONTROLLER ? CONTROLLER_SCRAPE_INTERVAL : services[emitter].scrapeInterval;
  return emitters.map((emitter) => Number.parseInt(intervalOf(emitter), 10));
}
