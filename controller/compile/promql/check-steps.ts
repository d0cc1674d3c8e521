/**
 * Splits the checks of a resource's queries into steps. The answers are kept, so a caller that runs the steps with pauses between
 * them can then compile the resource without a long wait in one piece. Pure; the steps only fill the cache of checkQuery.
 */
import type { TradingPipelineSpec } from '../../api/trading-pipeline.ts';
import { countEvents } from '../objectives/count-events.ts';
import { CheckBudget } from './check-budget.ts';
import { matchExternal } from './check-names.ts';
import { checkQuery } from './check-query.ts';

export function* checkSteps({ alerts, objectives, externalMetrics }: TradingPipelineSpec): Generator<() => void> {
  const isExternal = matchExternal(externalMetrics ?? []);
  const ofAlerts = new CheckBudget();
  for (const { expr } of alerts?.custom ?? []) if (!ofAlerts.take(expr)) yield () => void checkQuery(expr, isExternal);
  const budget = new CheckBudget();
  for (const { indicator } of objectives ?? [])
    if (indicator?.custom) yield () => void countEvents(indicator, { namespace: '', isExternal, budget });
}
