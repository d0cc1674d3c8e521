/** The cost of language models, in USD. */
import { average, largest, maxOf, quantile, rate, SUMMARY_WINDOW, smallest, times, total } from './expression.ts';

const SECONDS_OF_HOUR = 3600;
/** Average number of days in a month. */
const DAYS_OF_MONTH = 30.44;

export const costOfHour = total('llm_cost_usd_total', '1h');
export const costOfDay = total('llm_cost_usd_total', '24h');
export const projectedMonth = times(costOfDay, DAYS_OF_MONTH);

export const hourlyCostByModel = times(rate('llm_cost_usd_total', { by: ['model'] }), SECONDS_OF_HOUR);
export const hourlyCostByAgent = times(rate('llm_cost_usd_total', { by: ['agent'] }), SECONDS_OF_HOUR);
export const hourlyCost = times(rate('llm_cost_usd_total'), SECONDS_OF_HOUR);
export const costByModel = total('llm_cost_usd_total', SUMMARY_WINDOW, { by: ['model'] });
export const costByAgent = total('llm_cost_usd_total', SUMMARY_WINDOW, { by: ['agent'] });

export const costPerExecution = average('pipeline_execution_cost_usd', SUMMARY_WINDOW);
export const executionCostP50 = quantile(0.5, 'pipeline_execution_cost_usd');
export const executionCostP95 = quantile(0.95, 'pipeline_execution_cost_usd');
export const dearestPipelines = largest(
  10,
  average('pipeline_execution_cost_usd', SUMMARY_WINDOW, { by: ['pipeline_id'] }),
);

/**
 * Every worker reports the budget of every pipeline. The workers' values differ only briefly, so the query takes the
 * largest value for each pipeline.
 */
export const smallestBudgets = smallest(10, maxOf('pipeline_budget_remaining_usd', { by: ['pipeline_id'] }));
