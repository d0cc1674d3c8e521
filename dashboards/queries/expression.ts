/**
 * PromQL expressions as values: the PromQL string, and the metrics that it reads. A counter is available only as a rate or as a
 * sum of the counts recorded each minute, and a histogram only as quantiles, buckets, counts or an average. So no panel can
 * show a bare counter.
 */
import { max, quantile as quantileOf, rate as rateOf, sum, sumOverTime } from '#base/promql/build-promql.ts';
import { metricDefinition } from '#catalogue/metrics.ts';
import type { CounterName, GaugeName, HistogramName, HistogramPart, LabelOf, Where } from '#catalogue/series.ts';
import { type Source, selectMetric, selectMinuteCounts } from './selector.ts';

export interface Expression {
  readonly promql: string;
  readonly reads: readonly Source[];
}

/** Time window for rate(). Grafana replaces this variable with a duration of at least four scrape intervals. */
const RATE_WINDOW = '$__rate_interval';

/** A recorded count covers one minute. */
const SECONDS_OF_COUNT = 60;

/** The window of summary panels: the dashboard variable `time_range`. */
export const SUMMARY_WINDOW = '$time_range';
export type Window = typeof SUMMARY_WINDOW | `${number}${'m' | 'h' | 'd'}`;

interface Options<Name extends CounterName | GaugeName | HistogramName> {
  readonly where?: Where<Name>;
  readonly by?: readonly LabelOf<Name>[];
}

/** Events per second, from a counter. */
export function rate<Name extends CounterName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: sum(rateOf(selectMetric(name, where), RATE_WINDOW), by), reads: [name] };
}

/** Observations of a histogram per second. */
export function observationRate<Name extends HistogramName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: sum(rateOf(selectMetric(name, where, '_count'), RATE_WINDOW), by), reads: [name] };
}

/** Events within a window: the sum of the counts recorded each minute. */
export function total<Name extends CounterName>(
  name: Name,
  window: Window,
  { where, by }: Options<Name> = {},
): Expression {
  return { promql: sumOfMinutes(selectMinuteCounts(name, where), window, by), reads: [name] };
}

/** Observations of a histogram within a window. With `le`, counts only observations up to that bucket bound. */
export function observations<Name extends HistogramName>(
  name: Name,
  window: Window,
  { where, by, le }: Options<Name> & { readonly le?: number } = {},
): Expression {
  if (le === undefined) return sumOfPart(name, '_count', window, { where, by });
  // Prometheus 3 writes the bound 10 as 10.0, Prometheus 2 keeps the form that it scraped.
  const bound = { le: { matches: `${le}(\\.0)?` } } as Where<Name>;
  return sumOfPart(name, '_bucket', window, { where: { ...where, ...bound }, by });
}

export function sumOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: sum(selectMetric(name, where), by), reads: [name] };
}

export function maxOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  return { promql: max(selectMetric(name, where), by), reads: [name] };
}

/**
 * A gauge that every replica reports in full, such as the depth of the queue or the value of the portfolio. Takes the
 * largest value, because a sum would count the same thing once for each replica.
 */
export function wholeOf<Name extends GaugeName>(name: Name, { where, by }: Options<Name> = {}): Expression {
  const labels = Object.keys(metricDefinition(name).labels ?? {});
  const once = max(selectMetric(name, where), ['cluster', 'namespace', ...labels]);
  return { promql: sum(once, by), reads: [name] };
}

/** The current quantile of a histogram. `>= 0` drops the NaN that histogram_quantile returns while there are no observations. */
export function quantile<Name extends HistogramName>(
  share: number,
  name: Name,
  { where, by }: Options<Name> = {},
): Expression {
  const promql = `${quantileOf(share, buckets(name, where, by))} >= 0`;
  return { promql: promql + exemplarsOf(name, where), reads: [name] };
}

/** The quantile of all observations within a window. */
export function quantileWithin<Name extends HistogramName>(
  share: number,
  name: Name,
  window: Window,
  { where, by = [] }: Options<Name> = {},
): Expression {
  const counted = sumOfPart(name, '_bucket', window, { where, by: [...by, 'le' as LabelOf<Name>] });
  return { promql: `${quantileOf(share, counted.promql)} >= 0`, reads: [name] };
}

/** Observations per second in each bucket, for a heatmap. */
export function bucketRates<Name extends HistogramName>(name: Name, { where }: Options<Name> = {}): Expression {
  return { promql: buckets(name, where) + exemplarsOf(name, where), reads: [name] };
}

/** Observations within a window in each bucket, for a histogram. */
export function bucketTotals<Name extends HistogramName>(name: Name, window: Window): Expression {
  return sumOfPart(name, '_bucket', window, { by: ['le' as LabelOf<Name>] });
}

/** The mean observation within a window. Has no value if there are no observations. */
export function average<Name extends HistogramName>(
  name: Name,
  window: Window,
  options: Options<Name> = {},
): Expression {
  const total = sumOfPart(name, '_sum', window, options);
  const count = sumOfPart(name, '_count', window, options);
  return { promql: `${total.promql} / (${count.promql} > 0)`, reads: [name] };
}

/**
 * Share of a part in a whole, 0 to 1. A missing part counts as 0. The result has no value if the whole is missing or 0,
 * because a service without traffic has no success rate.
 */
export function ratio(part: Expression, whole: Expression): Expression {
  return { promql: `(${part.promql} or vector(0)) / (${whole.promql} > 0)`, reads: readsOf(part, whole) };
}

/** Like `ratio`, but for each series of the whole. The part must have the same labels as the whole. */
export function ratioOfEach(part: Expression, whole: Expression): Expression {
  const some = `(${part.promql} or ${whole.promql} * 0)`;
  return { promql: `${some} / (${whole.promql} > 0)`, reads: readsOf(part, whole) };
}

export function plus(left: Expression, right: Expression): Expression {
  return { promql: `(${left.promql} + ${right.promql})`, reads: readsOf(left, right) };
}

/** The share of the whole that is not the part, 0 to 1. A missing part gives no value, because the rest is unknown. */
export function shareOfRest(part: Expression, whole: Expression): Expression {
  return { promql: `(1 - ${part.promql} / (${whole.promql} > 0))`, reads: readsOf(part, whole) };
}

export function times(expression: Expression, factor: number): Expression {
  return { promql: `${expression.promql} * ${factor}`, reads: expression.reads };
}

/** Only the series with the largest values. */
export function largest(count: number, { promql, reads }: Expression): Expression {
  return { promql: `topk(${count}, ${promql})`, reads };
}

/** Only the series with the smallest values. */
export function smallest(count: number, { promql, reads }: Expression): Expression {
  return { promql: `bottomk(${count}, ${promql})`, reads };
}

/** Only the series above a bound. */
export function above(bound: number, { promql, reads }: Expression): Expression {
  return { promql: `${promql} > ${bound}`, reads };
}

function readsOf(...expressions: readonly Expression[]): Source[] {
  return [...new Set(expressions.flatMap(({ reads }) => reads))];
}

function sumOfPart<Name extends HistogramName>(
  name: Name,
  part: HistogramPart,
  window: Window,
  { where, by }: Options<Name>,
): Expression {
  return { promql: sumOfMinutes(selectMinuteCounts(name, where, part), window, by), reads: [name] };
}

function sumOfMinutes(counts: string, window: string, by?: readonly string[]): string {
  return sum(sumOverTime(counts, window), by);
}

/** Observations per second in each bucket. */
function buckets<Name extends HistogramName>(name: Name, where?: Where<Name>, by: readonly string[] = []): string {
  const labels = ['le', ...by];
  if (!growsWithPipelines(name)) return sum(rateOf(selectMetric(name, where, '_bucket'), RATE_WINDOW), labels);
  const counts = selectMinuteCounts(name, where, '_bucket');
  return `${sum(`avg_over_time(${counts}[${RATE_WINDOW}])`, labels)} / ${SECONDS_OF_COUNT}`;
}

/**
 * Whether the histogram has buckets for each pipeline. Graphs of such a histogram read the recorded counts instead: a
 * graph of the buckets of 200 pipelines over some hours would read tens of millions of samples for each line and
 * refresh.
 */
function growsWithPipelines(name: HistogramName): boolean {
  return 'pipeline_id' in (metricDefinition(name).labels ?? {});
}

/**
 * Returns a selector to append to a query of recorded counts. Recorded counts have no exemplars, so Grafana finds the
 * histogram's exemplars by this selector. The selector reads no samples (`@ -1`). Returns an empty string for a query
 * of the histogram's own buckets.
 */
function exemplarsOf<Name extends HistogramName>(name: Name, where?: Where<Name>): string {
  return growsWithPipelines(name) ? ` or (${selectMetric(name, where, '_bucket')} @ -1)` : '';
}
