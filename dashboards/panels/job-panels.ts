import { buildStat } from '../kinds/stat.ts';
import { amountSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine } from '../layout.ts';
import { quantile, rate, sumOf, wholeOf } from '../queries/expression.ts';

/** The histogram of the time that an attempt at a job takes. */
const JOB = 'celery_task_duration_seconds';

export const queueDepthPanel = buildTimeSeries({
  title: 'Job queue depth',
  description:
    'Executions in the queue between dispatcher and worker, by state. If waiting grows, there are too few workers, ' +
    'or they have stopped. Failed jobs are those whose last attempt failed.',
  unit: 'short',
  queries: [{ ask: wholeOf('celery_queue_depth', { by: ['state'] }), legend: '{{state}}' }],
  colours: {
    '/^waiting$/': palette.offered,
    '/^active$/': palette.amount,
    '/^delayed$/': palette.aside,
    '/^failed$/': palette.bad,
  },
  whenEmpty: 'No worker reports the queue',
});

const runningJobsPanel = buildStat({
  title: 'Jobs running',
  description:
    'Jobs that the workers run now. If it equals the number that they may run at once, add workers, or the queue ' +
    'grows.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: sumOf('celery_active_tasks') }],
  steps: amountSteps,
  history: true,
  whenEmpty: 'No worker',
});

export const jobRatePanel = buildTimeSeries({
  title: 'Jobs ended by status',
  description:
    'Attempts at a job that ended, per second. Retried: the attempt failed and another one follows, so something ' +
    'that the worker needs is away at times. Failed: the last attempt failed too.',
  unit: 'ops',
  queries: [{ ask: rate('celery_tasks_total', { by: ['status'] }), legend: '{{status}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^retried$/': palette.aside, '/^failed$/': palette.bad },
  whenEmpty: 'No jobs',
});

const jobDurationPanel = buildQuantiles({
  title: 'Job duration P50, P95, P99',
  description:
    'Time of one attempt at a job. If it is longer than the execution in it, the worker waits for Postgres or Redis ' +
    'before or after the execution.',
  unit: 's',
  of: [quantile(0.5, JOB), quantile(0.95, JOB), quantile(0.99, JOB)],
  whenEmpty: 'No jobs',
});

export const jobLine = buildLine(
  8,
  [runningJobsPanel, 3],
  [queueDepthPanel, 7],
  [jobRatePanel, 7],
  [jobDurationPanel, 7],
);
