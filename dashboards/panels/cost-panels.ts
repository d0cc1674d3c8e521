/** Panels about the cost of language models. Rule-based agents call no model and cost nothing. */
import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildPie } from '../kinds/pie.ts';
import { buildStat } from '../kinds/stat.ts';
import { allowanceSteps, amountSteps, limitSteps, palette } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { buildEqualLines, buildLine, type Section } from '../layout.ts';
import { toPipelineOfSeries } from '../onward.ts';
import * as cost from '../queries/cost.ts';

const NO_MODEL = 'No model is asked';
const limit = alerts.HighLLMCostRate.threshold;

const costOfHourStat = buildStat({
  title: 'Cost, last hour',
  description: 'Cost of language models in the last hour. Red from the default threshold of HighLLMCostRate.',
  unit: 'currencyUSD',
  decimals: 2,
  queries: [{ ask: cost.costOfHour }],
  steps: limitSteps(limit),
  whenEmpty: NO_MODEL,
});

const costOfDayStat = buildStat({
  title: 'Cost, last 24 h',
  description: 'Cost of language models in the last 24 hours.',
  unit: 'currencyUSD',
  decimals: 2,
  queries: [{ ask: cost.costOfDay }],
  steps: amountSteps,
  whenEmpty: NO_MODEL,
});

const projectedMonthStat = buildStat({
  title: 'Projected month, from the last 24 h',
  description:
    'Cost of a month in which every day costs as much as the last 24 hours. It is too low after a weekend, and ' +
    'during the first day of the platform.',
  unit: 'currencyUSD',
  decimals: 0,
  queries: [{ ask: cost.projectedMonth }],
  steps: amountSteps,
  whenEmpty: NO_MODEL,
});

const costPerExecutionStat = buildStat({
  title: 'Mean cost of an execution',
  description:
    'Mean cost of the models that an execution called, within the summary window. Executions that called no model ' +
    'count as 0.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.costPerExecution }],
  steps: amountSteps,
  whenEmpty: 'No executions',
});

const hourlyCostPanel = buildTimeSeries({
  title: 'Cost per hour',
  description:
    'Cost of all models in USD per hour, at the rate of each moment. The dashed line is the default threshold of ' +
    'HighLLMCostRate.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCost, legend: 'all models' }],
  limit,
  whenEmpty: NO_MODEL,
});

const hourlyCostByModelPanel = buildTimeSeries({
  title: 'Cost per hour by model',
  description:
    'Cost in USD per hour, by model, at the rate of each moment. If an expensive model grows, the panel beside it ' +
    'shows which agents call it.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCostByModel, legend: '{{model}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

const hourlyCostByAgentPanel = buildTimeSeries({
  title: 'Cost per hour by agent',
  description:
    'Cost in USD per hour, by the agent that calls the models, at the rate of each moment. Give the most expensive ' +
    'agent a smaller model first.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCostByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

const costByModelPanel = buildPie({
  title: 'Cost by model',
  description: 'Share of each model in the cost of the summary window.',
  unit: 'currencyUSD',
  query: { ask: cost.costByModel, legend: '{{model}}' },
  whenEmpty: NO_MODEL,
});

const costByAgentPanel = buildPie({
  title: 'Cost by agent',
  description: 'Share of each agent in the cost of the summary window.',
  unit: 'currencyUSD',
  query: { ask: cost.costByAgent, legend: '{{agent}}' },
  whenEmpty: NO_MODEL,
});

const executionCostPanel = buildTimeSeries({
  title: 'Cost per execution P50, P95',
  description:
    'Cost of the models that one execution called: half of the executions cost less than P50, 95 % less than P95. If ' +
    'P95 is far above P50, some executions call models again and again.',
  unit: 'currencyUSD',
  queries: [
    { ask: cost.executionCostP50, legend: 'P50' },
    { ask: cost.executionCostP95, legend: 'P95' },
  ],
  colours: { '/^P50$/': palette.median, '/^P95$/': palette.tail },
  whenEmpty: 'No executions',
});

const dearestPipelinesPanel = buildBars({
  title: 'Dearest pipelines',
  description:
    'The ten pipelines with the highest mean cost of an execution within the summary window. A click narrows the ' +
    'dashboard to the pipeline.',
  unit: 'currencyUSD',
  query: { ask: cost.dearestPipelines, legend: '{{pipeline_id}}' },
  steps: amountSteps,
  whenEmpty: 'No executions',
  onward: toPipelineOfSeries,
});

const budgetPanel = buildBars({
  title: 'Budget left by pipeline',
  description:
    'Model budget that is left today (UTC), for the ten pipelines with the least. A pipeline at 0 does not run until ' +
    'the day ends. Pipelines without a budget are not shown.',
  unit: 'currencyUSD',
  decimals: 2,
  signed: true,
  query: { ask: cost.smallestBudgets, legend: '{{pipeline_id}}' },
  steps: allowanceSteps,
  whenEmpty: 'No pipeline has a budget',
  onward: toPipelineOfSeries,
});

export const costNowSection: Section = {
  title: 'Now',
  lines: buildEqualLines(4, [costOfHourStat, costOfDayStat, projectedMonthStat, costPerExecutionStat]),
};

export const costOverTimeSection: Section = {
  title: 'Over time',
  lines: [buildLine(9, [hourlyCostPanel, 8], [hourlyCostByModelPanel, 8], [hourlyCostByAgentPanel, 8])],
};

export const costSharesSection: Section = {
  title: 'Whose',
  lines: [
    buildLine(8, [costByModelPanel, 12], [costByAgentPanel, 12]),
    buildLine(8, [executionCostPanel, 12], [dearestPipelinesPanel, 12]),
  ],
};

export const budgetsSection: Section = {
  title: 'Budgets',
  lines: [buildLine(8, [budgetPanel, 24])],
};
