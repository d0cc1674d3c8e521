import { type ObjectiveName, objectives } from '#catalogue/objectives.ts';
import { buildStat } from '../kinds/stat.ts';
import { budgetSteps } from '../kinds/thresholds.ts';
import type { Tile } from '../kinds/tile.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { budgetLeft, burnRate } from '../queries/objectives.ts';

/** How fast error budgets go, and what is left of them. */

/** An hour at this rate spends 2 % of a budget of 30 days: where the SRE workbook pages (chapter 5). */
const PAGING_BURN_RATE = 14.4;

export function buildBurnPanel(names: readonly ObjectiveName[]): Tile {
  return buildTimeSeries({
    title: 'Objective burn rate, last 1 h',
    description:
      `How many times faster than allowed the last hour spent the error budget of ${describe(names)}. 1: it lasts exactly as ` +
      'long as its window; the dashed line: an hour of this spends 2 % of a month. A gap: nothing happened.',
    unit: 'short',
    queries: names.map((name) => ({ ask: burnRate(name, '1h'), legend: name })),
    limit: PAGING_BURN_RATE,
    coarse: true,
    whenEmpty: 'Nothing happened',
  });
}

export function buildBudgetPanel(names: readonly ObjectiveName[]): Tile {
  return buildStat({
    title: 'Error budget left',
    description:
      `What is left of the failures that the objective allows among the events of the summary window: ${describe(names)}. Below ` +
      "0: the objective is missed. Its own window is 30 days: choose 30d at the top to see it, at that query's price.",
    unit: 'percentunit',
    decimals: 1,
    queries: names.map((name) => ({ ask: budgetLeft(name), legend: name })),
    steps: budgetSteps,
    whenEmpty: 'Nothing happened',
  });
}

function describe(names: readonly ObjectiveName[]): string {
  return names.map((name) => `${name} (${Number((objectives[name].target * 100).toPrecision(6))} %)`).join(', ');
}
