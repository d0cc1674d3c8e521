/** Alerts on the cost of language models. */
import { aggregate, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import { from, seriesOf, seriesOfPipelines } from './expressions.ts';

/**
 * Time window of the cost. The limit is in USD an hour, so over a full hour each call counts at once, in full and only
 * once.
 */
const COST_WINDOW = '1h';

export const modelAlerts = {
  HighLLMCostRate: {
    about: 'Models cost more than this many USD an hour',
    severity: 'warning',
    for: '5m',
    threshold: 5,
    unit: 'USD an hour',
    watches: ['celery-worker'],
    dashboard: 'cost',
    follows: [],
    expr: (scope) =>
      from(
        seriesOf(scope, ['celery-worker'], 'llm_cost_usd_total'),
        (cost) => `${sum(growth(cost, COST_WINDOW))} > ${scope.threshold}`,
      ),
    summary: 'Model calls are expensive',
    description: (_scope, limit) =>
      `Calls of language models cost {{ $value | printf "%.2f" }} USD in the last hour (limit ${limit}).`,
  },

  PipelineBudgetExhausted: {
    about: 'A pipeline has spent its model budget of the day',
    severity: 'warning',
    for: '0m',
    watches: ['celery-worker'],
    dashboard: 'cost',
    follows: [],
    byPipeline: true,
    ofPipeline: 'with a budget',
    expr: (scope) =>
      from(
        seriesOfPipelines(scope, ['celery-worker'], 'pipeline_budget_remaining_usd'),
        (left) => `${aggregate('min', left, ['pipeline_id'])} <= 0`,
      ),
    summary: 'Pipeline {{ $labels.pipeline_id }} has spent its model budget',
    description: () =>
      'It starts again with the next UTC day, or with a larger budget. Left: {{ $value | printf "%.2f" }} USD.',
  },
} as const satisfies Record<string, AlertDefinition>;

export const modelRunbooks = {
  HighLLMCostRate: {
    means: 'Calls of language models cost more than 5 USD an hour.',
    feels: 'Their bill rises.',
    look: [
      'Which model, which agent, how many calls?',
      { promql: 'sum by (model, agent) (rate(llm_cost_usd_total[15m])) * 3600' },
      { promql: 'sum by (model, agent, status) (rate(llm_calls_total[15m]))' },
    ],
    remedy: [
      'Many calls: a pipeline is triggered too often. Raise its least confidence, or pause it.',
      'Many failed calls: failed calls are retried, and each attempt is paid for. Repair the cause of the ' +
        'failures.',
      'Few calls at a high price: choose a smaller model for that agent.',
      'In the long run: give the pipeline a `budget`.',
    ],
    silence: 'For a planned experiment with a known price.',
  },

  PipelineBudgetExhausted: {
    means: 'A pipeline has spent its model budget of the day (UTC).',
    feels: 'That pipeline runs no stages that cost money until midnight UTC.',
    look: [
      'Was the budget spent evenly over the day, or in a burst?',
      { promql: 'min by (pipeline_id) (pipeline_budget_remaining_usd)' },
      { promql: 'sum by (pipeline_id) (increase(pipeline_execution_cost_usd_sum[24h]))' },
    ],
    remedy: [
      'In a burst: find out what triggered the pipeline.',
      'Evenly: ask its owner to raise `budget.dailyUsd` or to accept the stop.',
    ],
    silence: 'With its `pipeline_id`, until midnight UTC, once the owner knows.',
  },
} as const satisfies Record<keyof typeof modelAlerts, Runbook>;
