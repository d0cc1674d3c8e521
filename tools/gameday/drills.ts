import type { Drill } from './drill.ts';
import { operatorDrills } from './drills/operator.ts';
import { serverDrills } from './drills/servers.ts';
import { tradingDrills } from './drills/trading.ts';
import { workDrills } from './drills/work.ts';

/**
 * In this order: a drill begins when the one before is healed. Those of the platform and of the operator take turns, so that the
 * alerts of one, which look back five minutes, end while the other is at it.
 */
export const drills: readonly Drill[] = takeTurns([...workDrills, ...serverDrills, ...tradingDrills], operatorDrills);

function takeTurns(ones: readonly Drill[], others: readonly Drill[]): Drill[] {
  const turns = Math.max(ones.length, others.length);
  return Array.from({ length: turns }, (_, turn) => [ones[turn], others[turn]])
    .flat()
    .filter((drill) => drill !== undefined);
}
