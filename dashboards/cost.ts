import { buildEqualLines, buildLine, type Section } from './layout.ts';
import * as panels from './panels/cost-panels.ts';

/** Cost: what the language models cost, which agent and pipeline cause it, and which budgets are left. */
export const cost: readonly Section[] = [
  {
    title: 'Now',
    lines: buildEqualLines(4, [
      panels.costOfHourStat,
      panels.costOfDayStat,
      panels.projectedMonthStat,
      panels.costPerExecutionStat,
    ]),
  },
  {
    title: 'Over time',
    lines: [
      buildLine(9, [panels.hourlyCostPanel, 8], [panels.hourlyCostByModelPanel, 8], [panels.hourlyCostByAgentPanel, 8]),
    ],
  },
  {
    title: 'Whose',
    lines: [
      buildLine(8, [panels.costByModelPanel, 12], [panels.costByAgentPanel, 12]),
      buildLine(8, [panels.executionCostPanel, 12], [panels.dearestPipelinesPanel, 12]),
    ],
  },
  {
    title: 'Budgets',
    lines: [buildLine(8, [panels.budgetPanel, 24])],
  },
];
