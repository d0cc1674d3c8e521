import type { AnyAlertName, Drill } from './drill.ts';
import { operatorDrills } from './drills/operator.ts';
import { serverDrills } from './drills/servers.ts';
import { tradingDrills } from './drills/trading.ts';
import { workDrills } from './drills/work.ts';

/** In this order: a drill begins when the one before is healed, and alerts of five-minute windows end meanwhile. */
export const drills: readonly Drill[] = [...workDrills, ...operatorDrills, ...serverDrills, ...tradingDrills];

/** Alerts that no drill provokes, and why. */
export const notProvoked: Partial<Record<AnyAlertName, string>> = {
  HighLLMCostRate: 'every agent is a rule and asks no model: nothing costs anything yet',
  PipelineBudgetExhausted: 'every agent is a rule and asks no model: no budget is spent yet',
};
