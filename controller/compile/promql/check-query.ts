/**
 * Checks a query that a user wrote: would Prometheus load it, and do its metrics, labels and buckets exist? Pure, except for a
 * bounded cache of the answers.
 */
import { readBucketMatchers, spellingsOf } from '#base/promql/bucket-bounds.ts';
import { checkPromql } from '#base/promql/check-promql.ts';
import { findExcess } from '#base/promql/find-excess.ts';
import { findBreak } from '#base/promql/promql-tree.ts';
import { type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import { reasons } from '../../api/names.ts';
import { checkNames, type IsExternal } from './check-names.ts';
import { isHistogram } from './known-series.ts';

export interface QueryProblem {
  readonly reason: (typeof reasons)[
    | 'ruleDoesNotParse'
    | 'metricNotFound'
    | 'bucketNotFound'
    | 'ruleTooComplex'
    | 'notEvents'];
  readonly message: string;
}

/**
 * Answers of earlier checks, keyed by the expression, for each set of external metrics. So the caller can check the expressions
 * of a resource one by one, with pauses, before it compiles the resource in one go.
 */
let answers = new WeakMap<IsExternal, Map<string, QueryProblem | undefined>>();
let keptCharacters = 0;
/** 4 MB of text at most: about 100 resources with 100 long alerts each. */
const MOST_CHARACTERS = 2_000_000;

/**
 * Returns why Prometheus would refuse the expression, or which name in it does not exist; undefined if the expression is
 * correct.
 */
export function checkQuery(expr: string, isExternal: IsExternal): QueryProblem | undefined {
  const known = answers.get(isExternal);
  if (known?.has(expr)) return known.get(expr);
  const answer = withinBounds(() => findProblem(expr, isExternal));
  keep(expr, isExternal, answer);
  return answer;
}

function keep(expr: string, isExternal: IsExternal, answer: QueryProblem | undefined): void {
  keptCharacters += expr.length;
  if (keptCharacters > MOST_CHARACTERS) {
    answers = new WeakMap();
    keptCharacters = expr.length;
  }
  const known = answers.get(isExternal) ?? new Map<string, QueryProblem | undefined>();
  answers.set(isExternal, known.set(expr, answer));
}

/**
 * Returns the result of a check of text that users wrote. If the check fails, the resource must say so in a condition: an error
 * would end its reconcile without one, again and again.
 */
export function withinBounds(check: () => QueryProblem | undefined): QueryProblem | undefined {
  try {
    return check();
  } catch (error) {
    return { reason: reasons.ruleTooComplex, message: `cannot be checked: ${(error as Error).message}` };
  }
}

function findProblem(expr: string, isExternal: IsExternal): QueryProblem | undefined {
  const excess = findBreak(expr) === undefined ? findExcess(expr) : undefined;
  if (excess) return { reason: reasons.ruleTooComplex, message: excess };
  const refused = checkPromql(expr);
  if (refused) return { reason: reasons.ruleDoesNotParse, message: refused };
  const missing = checkNames(expr, isExternal);
  if (missing !== undefined) return { reason: reasons.metricNotFound, message: missing };
  const noBucket = checkBuckets(expr, isExternal);
  return noBucket === undefined ? undefined : { reason: reasons.bucketNotFound, message: noBucket };
}

/**
 * Returns a message about the first bucket that a histogram of the catalogue does not have; undefined if all exist. Such a
 * selector returns no series, so an objective would count every event as bad. The expression must parse.
 */
function checkBuckets(expr: string, isExternal: IsExternal): string | undefined {
  for (const { at, metric, bounds, text } of readBucketMatchers(expr)) {
    const existing = isExternal(metric) ? undefined : bucketsOf(metric);
    if (!existing || !bounds) continue;
    if (bounds.some((bound) => spellingsOf(bound).some((spelling) => existing.includes(spelling)))) continue;
    return `${metric} has no bucket ${text}; it has ${existing.join(', ')} (at position ${at.from + 1})`;
  }
  return undefined;
}

function bucketsOf(metric: string): readonly string[] | undefined {
  const name = metric.slice(0, -'_bucket'.length);
  if (!isHistogram(name)) return undefined;
  const { buckets = [] } = metricDefinition(name as MetricName);
  return [...buckets.map(String), '+Inf'];
}
