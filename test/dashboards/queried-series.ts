/** The series that dashboards can query, by the catalogue: which metric each belongs to, its labels, and who emits it. */
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

/** The metrics of prom-client that every process exposes beside those of the catalogue, and that dashboards query. */
const runtimeSeries = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_p99_seconds',
];

/** Returns the labels that a series can have, and its metric if the catalogue has one; undefined if no such series exists. */
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

/** Whether a scrape of the platform, or Prometheus itself, has a series of this name. */
export function knownSeries(series: string): boolean {
  return resolveMetric(series) !== undefined;
}

/** Whether a series only ever grows: counters, and the series of histograms. */
export function isCounter(series: string): boolean {
  if (isMinuteCount(series)) return false;
  if (runtimeSeries.includes(series)) return series.endsWith('_total');
  const name = resolveMetric(series)?.name;
  return name !== undefined && metricDefinition(name).type !== 'gauge';
}

/** Whether a series holds the increase of a counter that is recorded each minute. */
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
