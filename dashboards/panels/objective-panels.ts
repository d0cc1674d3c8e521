/** Panels about error budgets: how fast they are spent, and how much of each is left. */
import { type ObjectiveName, objectives } from '#catalogue/objectives.ts';
import { buildStat } from '../kinds/stat.ts';
import { budgetSteps } from '../kinds/thresholds.ts';
import type { Tile } from '../kinds/tile.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { budgetLeft, burnRate } from '../queries/objectives.ts';

/** The burn rate at which the SRE workbook (chapter 5) pages: an hour of it spends 2 % of a budget of 30 days. */
const PAGING_BURN_RATE = 14.4;

export function buildBurnPanel(names: readonly ObjectiveName[]): Tile {
  return buildTimeSeries({
    title: 'Objective burn rate, last 1 h',
    description:
      `How many times faster than allowed the last hour spent the error budget of ${describe(names)}. At 1, the budget lasts ` +
      'exactly as long as its window. At the dashed line, one hour spends 2 % of the budget of a month. A gap means that ' +
      'nothing happened.',
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
      `Share of the failures allowed by the objective that is left in the summary window: ${describe(names)}. Below 0, the ` +
      'objective is missed. Objectives have a window of 30 days: choose 30d at the top to see it; that query costs more.',
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
