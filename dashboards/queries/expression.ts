import { metricDefinition } from '#catalogue/metrics.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelOf,
  type Source,
  selectMetric,
  selectMinuteCounts,
  type Where,
} from './selector.ts';

/**
 * PromQL expressions as values: the text and the metrics it reads. A counter can only be had under a rate or as a sum of
 * what is recorded of it each minute, a histogram only as quantiles, buckets, counts or an average: no panel shows a bare counter.
 */
export interface Expression {
  readonly promql: string;
  readonly reads: readonly Source[];
}

/** A recorded count is of a minute. */
const SECONDS_OF_COUNT = 60;

/** Window of the summary panels: the dashboard variable `time_range`. */
export const SUMMARY_WINDOW = '$time_range';
export type Window = typeof SUMMARY_WINDOW | `${number}${'m' | 'h' | 'd'}`;

interface Options<Name extends CounterName | GaugeName | HistogramName> {
  readonly where?: Where<Name>;
  readonly by?: readonly LabelOf<Name>[];
}

/** Events a second. */
export function rate<Name extends CounterName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: `${sumBy(by)} (rate(${selectMetric(name, where)}[$__rate_interval]))`, reads: [name] };
}

/** Observations of a histogram a second. */
export function observationRate<Name extends HistogramName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: `${sumBy(by)} (rate(${selectMetric(name, where, '_count')}[$__rate_interval]))`, reads: [name] };
}

/** Events within a window: the sum of what is recorded each minute. */
export function total<Name extends CounterName>(
  name: Name,
  window: Window,
  { where, by }: Options<Name> = {},
): Expression {
  return { promql: sumOfMinutes(selectMinuteCounts(name, where), window, by), reads: [name] };
}

/** Observations of a histogram within a window; with `le`, a bound of its buckets, those not above it. */
export function observations<Name extends HistogramName>(
  name: Name,
  window: Window,
  { where, by, le }: Options<Name> & { readonly le?: number } = {},
): Expression {
  if (le === undefined) return sumOfPart(name, '_count', window, { where, by });
  // Prometheus 3 writes the bound of 10 as 10.0, Prometheus 2 as it was scraped.
  const bound = { le: { matches: `${le}(\\.0)?` } } as Where<Name>;
  return sumOfPart(name, '_bucket', window, { where: { ...where, ...bound }, by });
}

export function sumOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: `${sumBy(by)} (${selectMetric(name, where)})`, reads: [name] };
}

export function maxOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: `max${byClause(by)} (${selectMetric(name, where)})`, reads: [name] };
}

/**
 * A gauge that every replica reports as a whole, such as the queue or the portfolio: the largest answer is the whole,
 * their sum would count it again with each replica.
 */
export function wholeOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  const labels = Object.keys(metricDefinition(name).labels ?? {});
  const once = `max${byClause(['cluster', 'namespace', ...labels])} (${selectMetric(name, where)})`;
  return { promql: `${sumBy(by)} (${once})`, reads: [name] };
}

/** `>= 0` drops the NaN that histogram_quantile gives while nothing is observed. */
export function quantile<Name extends HistogramName>(
  share: number,
  name: Name,
  { where, by }: Options<Name> = {},
): Expression {
  const promql = `histogram_quantile(${share}, ${buckets(name, where, by)}) >= 0`;
  return { promql: promql + exemplarsOf(name, where), reads: [name] };
}

/** The quantile of all that was observed within a window. */
export function quantileWithin<Name extends HistogramName>(
  share: number,
  name: Name,
  window: Window,
  { where, by = [] }: Options<Name> = {},
): Expression {
  const counted = sumOfPart(name, '_bucket', window, { where, by: [...by, 'le' as LabelOf<Name>] });
  return { promql: `histogram_quantile(${share}, ${counted.promql}) >= 0`, reads: [name] };
}

/** Observations a second by bucket, for a heatmap. */
export function bucketRates<Name extends HistogramName>(name: Name, { where }: Options<Name> = {}): Expression {
  return { promql: buckets(name, where) + exemplarsOf(name, where), reads: [name] };
}

/** Observations within a window by bucket, for a histogram. */
export function bucketTotals<Name extends HistogramName>(name: Name, window: Window): Expression {
  return sumOfPart(name, '_bucket', window, { by: ['le' as LabelOf<Name>] });
}

/** Mean observation within a window; nothing where nothing was observed. */
export function average<Name extends HistogramName>(
  name: Name,
  window: Window,
  options: Options<Name> = {},
): Expression {
  const sum = sumOfPart(name, '_sum', window, options);
  const count = sumOfPart(name, '_count', window, options);
  return { promql: `${sum.promql} / (${count.promql} > 0)`, reads: [name] };
}

/** Part of a whole, 0 to 1. No part is 0; no whole is no value, never NaN: a quiet service has no success rate. */
export function ratio(part: Expression, whole: Expression): Expression {
  return { promql: `(${part.promql} or vector(0)) / (${whole.promql} > 0)`, reads: readsOf(part, whole) };
}

/** The same for each series of the whole; the part has the same labels. */
export function ratioOfEach(part: Expression, whole: Expression): Expression {
  const some = `(${part.promql} or ${whole.promql} * 0)`;
  return { promql: `${some} / (${whole.promql} > 0)`, reads: readsOf(part, whole) };
}

export function plus(left: Expression, right: Expression): Expression {
  return { promql: `(${left.promql} + ${right.promql})`, reads: readsOf(left, right) };
}

/**
 * What a part leaves of the whole, 0 to 1. Here a part that is missing is no value: nothing is known of the rest.
 */
export function shareOfRest(part: Expression, whole: Expression): Expression {
  return { promql: `(1 - ${part.promql} / (${whole.promql} > 0))`, reads: readsOf(part, whole) };
}

export function times(expression: Expression, factor: number): Expression {
  return { promql: `${expression.promql} * ${factor}`, reads: expression.reads };
}

/** Only the largest. */
export function largest(count: number, { promql, reads }: Expression): Expression {
  return { promql: `topk(${count}, ${promql})`, reads };
}

/** Only the smallest. */
export function smallest(count: number, { promql, reads }: Expression): Expression {
  return { promql: `bottomk(${count}, ${promql})`, reads };
}

/** Only what is above a bound. */
export function above(bound: number, { promql, reads }: Expression): Expression {
  return { promql: `${promql} > ${bound}`, reads };
}

function readsOf(...expressions: readonly Expression[]): Source[] {
  return [...new Set(expressions.flatMap(({ reads }) => reads))];
}

function sumOfPart<Name extends HistogramName>(
  name: Name,
  part: '_bucket' | '_sum' | '_count',
  window: Window,
  { where, by }: Options<Name>,
): Expression {
  return { promql: sumOfMinutes(selectMinuteCounts(name, where, part), window, by), reads: [name] };
}

function sumOfMinutes(counts: string, window: string, by?: readonly string[]): string {
  return `${sumBy(by)} (sum_over_time(${counts}[${window}]))`;
}

/** Observations a second by bucket. */
function buckets<Name extends HistogramName>(name: Name, where?: Where<Name>, by: readonly string[] = []): string {
  const labels = ['le', ...by];
  if (!growsWithPipelines(name))
    return `${sumBy(labels)} (rate(${selectMetric(name, where, '_bucket')}[$__rate_interval]))`;
  const counts = selectMinuteCounts(name, where, '_bucket');
  return `${sumBy(labels)} (avg_over_time(${counts}[$__rate_interval])) / ${SECONDS_OF_COUNT}`;
}

/**
 * Every pipeline has a series a bucket and replica: over some hours a graph of 200 pipelines would read tens of millions of samples
 * for each line, at each refresh.
 */
function growsWithPipelines(name: HistogramName): boolean {
  return 'pipeline_id' in (metricDefinition(name).labels ?? {});
}

/** Recorded counts have no exemplars: Grafana finds them by this selector, which reads no sample. */
function exemplarsOf<Name extends HistogramName>(name: Name, where?: Where<Name>): string {
  return growsWithPipelines(name) ? ` or (${selectMetric(name, where, '_bucket')} @ -1)` : '';
}

function sumBy(labels?: readonly string[]): string {
  return `sum${byClause(labels)}`;
}

function byClause(labels: readonly string[] = []): string {
  return labels.length > 0 ? ` by (${labels.join(', ')})` : '';
}
