/**
 * Types of the series that the platform's own queries may read. A metric that no process emits, a label that the metric
 * does not have, or a value that the label never has is a compile error. Alerts and dashboards select series with these
 * types, and base/promql/ builds the selectors. Pure.
 */
import { type Match, series } from '#base/promql/build-promql.ts';
import type { LabelsOf, MetricDefinition, MetricName, metrics } from './metrics.ts';

/**
 * Labels that prometheus-operator puts on the targets of a ServiceMonitor, and labels that clusters add to all of their
 * targets.
 */
export const targetLabels = [
  ...(['namespace', 'job', 'service', 'pod', 'instance', 'container', 'endpoint'] as const),
  ...(['node', 'cluster', 'prometheus', 'prometheus_replica'] as const),
] as const;
export type TargetLabel = (typeof targetLabels)[number];

/**
 * The default metrics of prom-client that our queries read. Every process exposes them in addition to the metrics of
 * the catalogue.
 */
const runtimeNames = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_p99_seconds',
] as const;
export type RuntimeName = (typeof runtimeNames)[number];

type TypeOf<Name extends MetricName> = (typeof metrics)[Name]['type'];
type OfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: TypeOf<Name> extends Type ? Name : never;
}[MetricName];
export type CounterName = OfType<'counter'>;
export type GaugeName = OfType<'gauge'>;
export type HistogramName = OfType<'histogram'>;

/** Suffixes of the series of a histogram. There is no series with the bare name of a histogram. */
export type HistogramPart = '_bucket' | '_sum' | '_count';

/** The exact name of a series. */
export type SeriesName = CounterName | GaugeName | `${HistogramName}${HistogramPart}` | RuntimeName | 'up';

type HistogramOf<Series> = Series extends `${infer Name extends HistogramName}_bucket`
  ? Name
  : Series extends `${infer Name extends HistogramName}_sum`
    ? Name
    : Series extends `${infer Name extends HistogramName}_count`
      ? Name
      : never;
type MetricOf<Series> = Series extends MetricName ? Series : HistogramOf<Series>;

/** Names of the labels of a metric. A histogram also has `le`, the upper bound of a bucket. */
export type LabelOf<Name extends MetricName> =
  | TargetLabel
  | Extract<keyof LabelsOf<Name>, string>
  | (TypeOf<Name> extends 'histogram' ? 'le' : never);

type ValueOf<Name extends MetricName, Label> = Label extends keyof LabelsOf<Name>
  ? Extract<LabelsOf<Name>[Label], string>
  : string;

/** Matchers for the labels of a metric. */
export type Where<Name extends MetricName> = {
  readonly [Label in LabelOf<Name>]?: Match<ValueOf<Name, Label>> | undefined;
};

/** Matchers for the labels of a series. */
export type WhereOf<Series extends SeriesName> = [MetricOf<Series>] extends [never]
  ? { readonly [Label in TargetLabel]?: Match | undefined }
  : Where<MetricOf<Series>>;

/** The labels that a query may aggregate a series by. */
export type LabelOfSeries<Series extends SeriesName> = [MetricOf<Series>] extends [never]
  ? TargetLabel
  : LabelOf<MetricOf<Series>>;

/** Returns a selector for a series. */
export function selectSeries<Series extends SeriesName>(name: Series, where: WhereOf<Series>): string {
  return series(name, where);
}
