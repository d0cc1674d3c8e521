import { errorBudget, type ObjectiveName, objectives } from '#catalogue/objectives.ts';
import {
  type Expression,
  observations,
  plus,
  ratio,
  SUMMARY_WINDOW,
  shareOfRest,
  total,
  type Window,
} from './expression.ts';

/**
 * For each objective, the share of bad events in a window, from the recorded counts. All events of the window are summed first,
 * so an hour with few events weighs less than an hour with many.
 */
const failureShares: Readonly<Record<ObjectiveName, (window: Window) => Expression>> = {
  'pipeline-success': (window) =>
    ratio(
      total('pipeline_executions_total', window, { where: { status: 'failed' } }),
      total('pipeline_executions_total', window),
    ),
  'pipeline-latency': (window) => {
    const le = objectives['pipeline-latency'].indicator.belowSeconds;
    const fast = observations('pipeline_execution_duration_seconds', window, { le });
    return shareOfRest(fast, observations('pipeline_execution_duration_seconds', window));
  },
  'publish-success': (window) => {
    const failed = total('kafka_publish_failure_total', window);
    return ratio(failed, plus(total('kafka_publish_success_total', window), failed));
  },
  'api-availability': (window) =>
    ratio(
      observations('http_server_request_duration_seconds', window, { where: { status_code: { matches: '5..' } } }),
      observations('http_server_request_duration_seconds', window),
    ),
};

/** How fast the error budget is spent. At 1 the budget lasts exactly as long as the objective's window, above 1 it is spent earlier. */
export function burnRate(objective: ObjectiveName, window: Window): Expression {
  const { promql, reads } = failureShares[objective](window);
  return { promql: `${promql} / ${errorBudget(objectives[objective].target)}`, reads };
}

/** The share of the error budget that is left in the summary window: 1 without failures, 0 if it is spent, negative if it is overspent. */
export function budgetLeft(objective: ObjectiveName): Expression {
  const { promql, reads } = burnRate(objective, SUMMARY_WINDOW);
  return { promql: `1 - ${promql}`, reads };
}
