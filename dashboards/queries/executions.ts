/** Pipeline executions, counted by the worker that runs them or by the backend that could not enqueue them. */
import {
  above,
  average,
  bucketRates,
  largest,
  quantile,
  quantileWithin,
  rate,
  ratio,
  ratioOfEach,
  SUMMARY_WINDOW,
  sumOf,
  total,
} from './expression.ts';

export const executionRate = rate('pipeline_executions_total', { by: ['status', 'trigger_mode'] });

export const executionRateByStatus = rate('pipeline_executions_total', { by: ['status'] });
export const executionRateByTrigger = rate('pipeline_executions_total', { by: ['trigger_mode'] });

export const executionSuccessRatio = ratio(
  total('pipeline_executions_total', SUMMARY_WINDOW, { where: { status: 'success' } }),
  total('pipeline_executions_total', SUMMARY_WINDOW),
);

export const executionFailureShare = ratio(
  rate('pipeline_executions_total', { where: { status: 'failed' } }),
  rate('pipeline_executions_total'),
);

const failuresByPipeline = total('pipeline_executions_total', SUMMARY_WINDOW, {
  where: { status: 'failed' },
  by: ['pipeline_id'],
});

export const mostFailingPipelines = largest(10, above(0, failuresByPipeline));

export const executionsByPipeline = total('pipeline_executions_total', SUMMARY_WINDOW, { by: ['pipeline_id'] });
export const failureShareByPipeline = ratioOfEach(failuresByPipeline, executionsByPipeline);
const durationByPipeline = quantileWithin(0.95, 'pipeline_execution_duration_seconds', SUMMARY_WINDOW, {
  by: ['pipeline_id'],
});
export const slowestPipelines = largest(10, durationByPipeline);

export const meanDurationByPipeline = average('pipeline_execution_duration_seconds', SUMMARY_WINDOW, {
  by: ['pipeline_id'],
});
export const meanCostByPipeline = average('pipeline_execution_cost_usd', SUMMARY_WINDOW, { by: ['pipeline_id'] });

export const activeExecutions = sumOf('pipeline_executions_active');

export const executionDurationP50 = quantile(0.5, 'pipeline_execution_duration_seconds');
export const executionDurationP95 = quantile(0.95, 'pipeline_execution_duration_seconds');
export const executionDurationP99 = quantile(0.99, 'pipeline_execution_duration_seconds');
export const executionDurationBuckets = bucketRates('pipeline_execution_duration_seconds');

export const executionsOfDay = total('pipeline_executions_total', '24h');
