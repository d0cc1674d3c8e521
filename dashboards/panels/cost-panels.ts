import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildPie } from '../kinds/pie.ts';
import { buildStat } from '../kinds/stat.ts';
import { allowanceSteps, amountSteps, limitSteps, palette } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { toPipelineOfSeries } from '../onward.ts';
import * as cost from '../queries/cost.ts';

/** What the language models cost. Rule-based agents ask none and cost nothing. */
const NO_MODEL = 'No model is asked';
const limit = alerts.HighLLMCostRate.threshold;

export const costOfHourStat = buildStat({
  title: 'Cost, last hour',
  description: 'What models cost in the last hour. Red from the default threshold of HighLLMCostRate.',
  unit: 'currencyUSD',
  decimals: 2,
  queries: [{ ask: cost.costOfHour }],
  steps: limitSteps(limit),
  whenEmpty: NO_MODEL,
});

export const costOfDayStat = buildStat({
  title: 'Cost, last 24 h',
  description: 'What models cost in the last 24 hours.',
  unit: 'currencyUSD',
  decimals: 2,
  queries: [{ ask: cost.costOfDay }],
  steps: amountSteps,
  whenEmpty: NO_MODEL,
});

export const projectedMonthStat = buildStat({
  title: 'Projected month, from the last 24 h',
  description:
    'What a month costs if every day is like the last 24 hours. After a weekend, or less than a day after the start, it is too low.',
  unit: 'currencyUSD',
  decimals: 0,
  queries: [{ ask: cost.projectedMonth }],
  steps: amountSteps,
  whenEmpty: NO_MODEL,
});

export const costPerExecutionStat = buildStat({
  title: 'Mean cost of an execution',
  description:
    'What the models of one execution cost, mean of the summary window. Executions without a model count as 0.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.costPerExecution }],
  steps: amountSteps,
  whenEmpty: 'No executions',
});

export const hourlyCostPanel = buildTimeSeries({
  title: 'Cost per hour',
  description:
    'USD an hour at the pace of each moment, all models together. The dashed line is the default threshold of HighLLMCostRate.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCost, legend: 'all models' }],
  limit,
  whenEmpty: NO_MODEL,
});

export const hourlyCostByModelPanel = buildTimeSeries({
  title: 'Cost per hour by model',
  description:
    'USD an hour at the pace of each moment, by model. A dear one that grows: who asks it, the agents beside tell.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCostByModel, legend: '{{model}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const hourlyCostByAgentPanel = buildTimeSeries({
  title: 'Cost per hour by agent',
  description:
    'USD an hour at the pace of each moment, by the agent that asks. The largest is the first to get a smaller model.',
  unit: 'currencyUSD',
  queries: [{ ask: cost.hourlyCostByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const costByModelPanel = buildPie({
  title: 'Cost by model',
  description: 'Share of each model in what the summary window cost.',
  unit: 'currencyUSD',
  query: { ask: cost.costByModel, legend: '{{model}}' },
  whenEmpty: NO_MODEL,
});

export const costByAgentPanel = buildPie({
  title: 'Cost by agent',
  description: 'Share of each agent in what the summary window cost.',
  unit: 'currencyUSD',
  query: { ask: cost.costByAgent, legend: '{{agent}}' },
  whenEmpty: NO_MODEL,
});

export const executionCostPanel = buildTimeSeries({
  title: 'Cost per execution P50, P95',
  description:
    'What the models of one execution cost: half of them less than P50, 95 % less than P95. P95 far above P50: some executions ' +
    'ask again and again.',
  unit: 'currencyUSD',
  queries: [
    { ask: cost.executionCostP50, legend: 'P50' },
    { ask: cost.executionCostP95, legend: 'P95' },
  ],
  colours: { '/^P50$/': palette.median, '/^P95$/': palette.tail },
  whenEmpty: 'No executions',
});

export const dearestPipelinesPanel = buildBars({
  title: 'Dearest pipelines',
  description:
    'Mean cost of an execution within the summary window, the ten dearest pipelines. A click narrows the dashboard to the pipeline.',
  unit: 'currencyUSD',
  query: { ask: cost.dearestPipelines, legend: '{{pipeline_id}}' },
  steps: amountSteps,
  whenEmpty: 'No executions',
  onward: toPipelineOfSeries,
});

export const budgetPanel = buildBars({
  title: 'Budget left by pipeline',
  description:
    'Model budget left today (UTC), the ten pipelines with the least. At 0 a pipeline runs no more until the day ends. A ' +
    'pipeline without a budget is not here.',
  unit: 'currencyUSD',
  decimals: 2,
  signed: true,
  query: { ask: cost.smallestBudgets, legend: '{{pipeline_id}}' },
  steps: allowanceSteps,
  whenEmpty: 'No pipeline has a budget',
  onward: toPipelineOfSeries,
});
