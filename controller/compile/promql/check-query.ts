/** What is wrong with an expression that a user wrote, if anything: Prometheus would refuse it, or it could never answer. Pure. */

import { checkPromql } from '#base/promql/check-promql.ts';
import { reasons } from '../../api/names.ts';
import { checkNames, type IsExternal } from './check-names.ts';

export interface QueryProblem {
  readonly reason: typeof reasons.ruleDoesNotParse | typeof reasons.metricNotFound;
  readonly message: string;
}

export function checkQuery(expr: string, isExternal: IsExternal): QueryProblem | undefined {
  const refused = checkPromql(expr);
  if (refused) return { reason: reasons.ruleDoesNotParse, message: refused };
  const missing = checkNames(expr, isExternal);
  return missing === undefined ? undefined : { reason: reasons.metricNotFound, message: missing };
}
