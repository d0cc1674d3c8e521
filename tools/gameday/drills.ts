import type { Drill } from './drill.ts';
import { operatorDrills } from './drills/operator.ts';
import { serverDrills } from './drills/servers.ts';
import { tradingDrills } from './drills/trading.ts';
import { workDrills } from './drills/work.ts';

/**
 * All drills in the order in which they run; a drill begins when the one before it is healed. Drills of the platform
 * alternate with drills of the operator: alerts look back five minutes, so the alerts of one kind end while a drill of
 * the other kind runs.
 */
export const drills: readonly Drill[] = takeTurns([...workDrills, ...serverDrills, ...tradingDrills], operatorDrills);

function takeTurns(ones: readonly Drill[], others: readonly Drill[]): Drill[] {
  const turns = Math.max(ones.length, others.length);
  return Array.from({ length: turns }, (_, turn) => [ones[turn], others[turn]])
    .flat()
    .filter((drill) => drill !== undefined);
}
