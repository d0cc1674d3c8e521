import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, type MetricData, type MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { knownLabelSets, type MetricName, metricDefinition } from '#catalogue/metrics.ts';

export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Gauges of prom-client that break the naming rules (a gauge must not end in _total); each has a labelled twin. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * Renders what a scrape shows, in the Prometheus text format: the catalogue's metrics of the process, through
 * OpenTelemetry, and prom-client's process and runtime metrics.
 *
 * Every metric is there from the first scrape. OpenTelemetry reports a histogram only once something was recorded;
 * here one with known label sets shows them at 0, and a metric whose labels are not known yet shows its HELP and TYPE.
 */
export class Exposition {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  readonly #runtime = new Registry();
  readonly #reader: MetricReader;
  readonly #names: readonly MetricName[];

  /** @param names the catalogue's metrics the process emits */
  constructor(reader: MetricReader, names: readonly MetricName[]) {
    this.#reader = reader;
    this.#names = names.filter((name) => !metricDefinition(name).runtime);
    collectDefaultMetrics({ register: this.#runtime });
    for (const name of MISNAMED) this.#runtime.removeSingleMetric(name);
  }

  async render(): Promise<string> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'some metrics could not be collected');
    const catalogue = this.#serializer.serialize(complete(resourceMetrics, this.#names));
    return `${catalogue}${this.#silent(resourceMetrics)}${await this.#runtime.metrics()}`;
  }

  /** HELP and TYPE of the metrics that have no series yet. */
  #silent(collected: ResourceMetrics): string {
    const present = new Set(
      collected.scopeMetrics.flatMap((scope) => scope.metrics.map((data) => data.descriptor.name)),
    );
    return this.#names
      .filter((name) => !present.has(name) && !startsAtZero(name))
      .map((name) => `# HELP ${name} ${metricDefinition(name).help}\n# TYPE ${name} ${metricDefinition(name).type}\n`)
      .join('');
  }
}

function startsAtZero(name: MetricName): boolean {
  return metricDefinition(name).type === 'histogram' && knownLabelSets(name).length > 0;
}

/** Adds an empty histogram for each known label set that has not been recorded yet. */
function complete(collected: ResourceMetrics, names: readonly MetricName[]): ResourceMetrics {
  const byName = new Map(
    collected.scopeMetrics.flatMap((scope) => scope.metrics.map((data) => [data.descriptor.name, data])),
  );
  const completed: MetricData[] = [...byName.values()];
  for (const name of names.filter(startsAtZero)) {
    const recorded = byName.get(name);
    const zeros = emptyHistogram(name, recorded);
    if (recorded) completed.splice(completed.indexOf(recorded), 1, zeros);
    else completed.push(zeros);
  }
  return { ...collected, scopeMetrics: [{ scope: { name: 'catalogue' }, metrics: completed }] };
}

function emptyHistogram(name: MetricName, recorded: MetricData | undefined): MetricData {
  const { help, buckets = [] } = metricDefinition(name);
  const boundaries = [...buckets];
  const dataPoints = recorded?.dataPointType === DataPointType.HISTOGRAM ? [...recorded.dataPoints] : [];
  const seen = new Set(dataPoints.map((point) => labelKey(point.attributes)));
  for (const attributes of knownLabelSets(name)) {
    if (seen.has(labelKey(attributes))) continue;
    const value = { buckets: { boundaries, counts: Array(boundaries.length + 1).fill(0) }, sum: 0, count: 0 };
    dataPoints.push({ attributes, value, startTime: [0, 0], endTime: [0, 0] });
  }
  const descriptor = { name, description: help, unit: '', valueType: 1 };
  return { descriptor, aggregationTemporality: 1, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}

function labelKey(labels: object): string {
  return JSON.stringify(Object.entries(labels).sort());
}
