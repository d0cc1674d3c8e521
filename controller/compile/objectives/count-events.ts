/**
 * Builds the PromQL that counts an objective's events: expressions for the number of all events and of bad events in the last
 * minute. If an expression of a user is invalid, returns the problem instead. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { readBucketMatchers, spellBounds, spellingsOf } from '#base/promql/bucket-bounds.ts';
import { type Match, printMatchers, series, sum } from '#base/promql/build-promql.ts';
import { addUp, minuteGrowth } from '#base/promql/count-growth.ts';
import { firstExpression, parsePromql } from '#base/promql/promql-tree.ts';
import { metricDefinition } from '#catalogue/metrics.ts';
import { type CountedSeries, type ObjectiveDefinition, objectiveDefinition } from '#catalogue/objectives.ts';
import type { HistogramName } from '#catalogue/series.ts';
import { reasons } from '../../api/names.ts';
import {
  type CustomIndicator,
  type IndicatorSpec,
  latencySeconds,
  WINDOW_PLACEHOLDER,
} from '../../api/objective-schema.ts';
import type { CheckBudget } from '../promql/check-budget.ts';
import type { IsExternal } from '../promql/check-names.ts';
import { checkQuery, type QueryProblem, withinBounds } from '../promql/check-query.ts';
import { knownLabels } from '../promql/known-series.ts';
import { checkCounter, checkUnit, unitOf } from './event-unit.ts';
import { platformObjective, type SharedObjective } from './resolve-objective.ts';

/** Selects which series of a metric are counted, and by which labels the counts are grouped. */
interface CounterScope {
  /** Only series of this namespace are counted; series of all namespaces if absent. */
  readonly namespace?: string;
  /**
   * Id of the pipeline whose events are counted, in whichever namespace; events of all pipelines if absent. Ignored for
   * a metric without the label `pipeline_id`.
   */
  readonly pipelineId?: string | undefined;
  /**
   * Events are counted separately for each combination of values of these labels. If absent, all events are counted
   * together.
   */
  readonly by?: readonly string[];
}

interface EventScope extends CounterScope {
  readonly namespace: string;
  readonly isExternal: IsExternal;
  readonly budget: CheckBudget;
}

interface EventCounts {
  readonly events: string;
  /**
   * Builds the expression for the number of bad events. `events` is a selector of the recorded number of all events.
   */
  readonly badEvents: (events: string) => string;
  /** Buckets that must exist for the numbers to mean anything, as far as the catalogue does not know them. */
  readonly buckets?: readonly NeededBucket[];
}

/** A bucket, or one of several, that a custom indicator selects. */
export interface NeededBucket {
  /** Name of the series; it ends with `_bucket`. */
  readonly metric: string;
  /** The matcher of `le` as the user wrote it. */
  readonly written: string;
  /** Selects the bucket in any spelling, whatever its other labels. */
  readonly selector: string;
}
type CountResult = EventCounts | { readonly problem: QueryProblem; readonly field: 'total' | 'good' | 'bad' };

export function countEvents(indicator: IndicatorSpec, scope: EventScope): CountResult {
  if (indicator.custom) return countCustom(indicator.custom, scope);
  const definition = platformObjective(indicator)?.indicator;
  if (definition === undefined) throw new Error('the indicator has no kind, which the schema should have refused');
  const { below } = indicator.pipelineLatency ?? {};
  return countPlatform(definition, scope, below === undefined ? undefined : latencySeconds(below));
}

/**
 * Builds the expressions that count the events of a shared objective, separately for every pipeline (label
 * `pipeline_id`).
 */
export function countByPipeline(name: SharedObjective): EventCounts {
  return countPlatform(objectiveDefinition(name).indicator, { by: ['pipeline_id'] });
}

function countPlatform(
  indicator: ObjectiveDefinition['indicator'],
  scope: CounterScope,
  below = indicator.kind === 'latency' ? indicator.belowSeconds : 0,
): EventCounts {
  const { by = [] } = scope;
  const growth = (counted: CountedSeries) => growthOf(counted, scope);
  if (indicator.kind === 'latency') return countLatency(indicator.histogram, below, scope);
  return {
    events: addUp(indicator.total.map(growth)),
    badEvents: indicator.kind === 'ratio' ? allBut(growth(indicator.good), by) : orNone(growth(indicator.bad)),
  };
}

function countLatency(metric: HistogramName, below: number, scope: CounterScope): EventCounts {
  // Prometheus 2 writes the bucket bound 10 as the label value 10, Prometheus 3 writes it as 10.0.
  const le: Match = Number.isInteger(below) ? { matches: `${below}(\\.0)?` } : `${below}`;
  return {
    events: growthOf({ metric, suffix: '_count' }, scope),
    badEvents: allBut(growthOf({ metric, suffix: '_bucket', where: { le } }, scope), scope.by),
  };
}

/** Builds the expressions for events that users count with their own PromQL. */
function countCustom({ total, good, bad }: CustomIndicator, { isExternal, budget }: EventScope): CountResult {
  const tooMuch = budget.take(total, good ?? bad ?? '');
  if (tooMuch) return { problem: tooMuch, field: 'total' };
  const events = countCustomEvents(total, isExternal);
  if ('problem' in events) return { ...events, field: 'total' };
  const field = good === undefined ? 'bad' : 'good';
  const part = countCustomEvents(good ?? bad ?? '', isExternal);
  if ('problem' in part) return { ...part, field };
  const badEvents = field === 'good' ? allBut(part.expr) : orNone(part.expr);
  return {
    events: events.expr,
    badEvents: (events) => ifBucketsExist(badEvents(events), part.buckets),
    buckets: uniqueBuckets([...events.buckets, ...part.buckets]),
  };
}

/**
 * Returns no number of bad events while a bucket does not exist. All buckets of a histogram appear at once, so a missing one is
 * a mistake in the indicator, and no event is known to be bad.
 */
function ifBucketsExist(number: string, buckets: readonly NeededBucket[]): string {
  if (buckets.length === 0) return number;
  return [`(${number})`, ...buckets.map(({ selector }) => `and on () group(${selector})`)].join('\n');
}

function uniqueBuckets(buckets: readonly NeededBucket[]): NeededBucket[] {
  return [...new Map(buckets.map((bucket) => [bucket.selector, bucket])).values()];
}

function growthOf({ metric, suffix, where = {} }: CountedSeries, { namespace, pipelineId, by }: CounterScope): string {
  const { emittedBy, labels = {} } = metricDefinition(metric);
  // If the id of the pipeline is matched, the namespace is not: the id is unique in the cluster, and the platform may
  // run in another namespace than the TradingPipeline.
  const id = pipelineId !== undefined && 'pipeline_id' in labels ? { pipeline_id: pipelineId } : undefined;
  const targets = { job: emittedBy, ...(namespace !== undefined && !id && { namespace }) };
  return minuteGrowth(series(`${metric}${suffix ?? ''}`, { ...targets, ...id, ...where }), printMatchers(targets), by);
}

/**
 * Computes the bad events as all events minus the good events. If there are events but no series of good events, all
 * events are bad.
 */
function allBut(good: string, by?: readonly string[]): EventCounts['badEvents'] {
  return (events) => `clamp_min(${sum(events, by)} - ${orZeroOf(good, events, by)}, 0)`;
}

/** Counts the bad events directly. If there are events but no series of bad events, the number is 0. */
function orNone(bad: string): EventCounts['badEvents'] {
  return (events) => orZeroOf(bad, events);
}

function orZeroOf(number: string, events: string, by?: readonly string[]): string {
  return `(${number}\nor\n0 * ${sum(events, by)})`;
}

type CountedEvents =
  | { readonly expr: string; readonly buckets: readonly NeededBucket[] }
  | { readonly problem: QueryProblem };

/**
 * The window, in minutes, that replaces the placeholder `$window` in a custom indicator. It is long enough for scrapes
 * two minutes apart. The number of events in the window is recorded once a minute, so it is divided by the minutes of
 * the window. Otherwise each event would be counted five times.
 */
const WINDOW_MINUTES = 5;
const SECONDS_PER_MINUTE = 60;

/**
 * A duration with as many characters as the placeholder `$window`. It replaces the placeholder for the check, so that
 * the position of a problem is the same in the checked expression and in the user's expression.
 */
const CHECKED_WINDOW = `${WINDOW_MINUTES}m`.padStart(WINDOW_PLACEHOLDER.length, '0');

function countCustomEvents(text: string, isExternal: IsExternal): CountedEvents {
  if (!text.includes(WINDOW_PLACEHOLDER)) return countSelector(text, isExternal);
  const written = text.replaceAll(WINDOW_PLACEHOLDER, `${WINDOW_MINUTES}m`);
  // The expression is on a line of its own, so that a comment at its end does not swallow the closing parenthesis.
  const sumOf = (expr: string) => `sum(\n${expr}\n)`;
  const checked = text.replaceAll(WINDOW_PLACEHOLDER, CHECKED_WINDOW);
  const problem =
    checkQuery(checked, isExternal) ??
    checkQuery(sumOf(written), isExternal) ??
    withinBounds(() => checkUnit(checked, CHECKED_WINDOW));
  if (problem) return { problem };
  const perMinute = unitOf(checked) === 'rate' ? `* ${SECONDS_PER_MINUTE}` : `/ ${WINDOW_MINUTES}`;
  return { expr: `${sumOf(spellBounds(written))} ${perMinute}`, buckets: neededBuckets(checked, isExternal) };
}

/** Lists the buckets whose existence only Prometheus knows; checkQuery has checked those of the catalogue. */
function neededBuckets(expr: string, isExternal: IsExternal): NeededBucket[] {
  const found = readBucketMatchers(expr).filter(({ metric }) => isExternal(metric) || knownLabels(metric) === 'any');
  return uniqueBuckets(
    found.flatMap(({ metric, bounds, text }) => {
      if (!bounds || bounds.includes('+Inf')) return [];
      const le = bounds.flatMap(spellingsOf);
      return [{ metric, written: text, selector: series(metric, { le }) }];
    }),
  );
}

function countSelector(text: string, isExternal: IsExternal): CountedEvents {
  const problem = checkQuery(text, isExternal);
  if (problem) return { problem };
  const root = firstExpression(parsePromql(text));
  if (root?.name !== 'VectorSelector') {
    const message = `must be a selector of counters, or count its events over [${WINDOW_PLACEHOLDER}]`;
    return { problem: { reason: reasons.ruleDoesNotParse, message } };
  }
  const wrong = checkCounter(text);
  if (wrong) return { problem: wrong };
  const targets = targetMatchersOf(root, text);
  const selector = text.slice(root.from, root.to);
  return { expr: minuteGrowth(spellBounds(selector), targets), buckets: neededBuckets(text, isExternal) };
}

/**
 * Returns those matchers of a selector that select scrape targets (job, namespace, instance). minuteGrowth uses the
 * matchers to read `up` of the targets, which tells whether a series is new.
 */
function targetMatchersOf(selector: SyntaxNode, text: string): string {
  const matchers: string[] = [];
  const list = selector.getChild('LabelMatchers');
  for (let node = list?.firstChild; node; node = node.nextSibling) {
    const label = node.getChild('LabelName');
    if (label && ['job', 'namespace', 'instance'].includes(text.slice(label.from, label.to)))
      matchers.push(text.slice(node.from, node.to));
  }
  return matchers.join(',');
}
