import type { AnyAlertName, Drill } from './drill.ts';
import { operatorDrills } from './drills/operator.ts';
import { serverDrills } from './drills/servers.ts';
import { tradingDrills } from './drills/trading.ts';
import { workDrills } from './drills/work.ts';

/** In this order: a drill begins when the one before is healed, and alerts of five-minute windows end meanwhile. */
export const drills: readonly Drill[] = [...workDrills, ...operatorDrills, ...serverDrills, ...tradingDrills];

/** Alerts that no drill provokes, and why. */
export const notProvoked: Partial<Record<AnyAlertName, string>> = {
  HighLLMCostRate: 'it sums an hour, far longer than the day waits for an end',
  LabelBudgetExceeded: 'it looks back a quarter of an hour; the scenario of make dashboards-check provokes it',
};
