import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildSuccessGauge } from '../kinds/gauge.ts';
import { buildHeatmap } from '../kinds/heatmap.ts';
import { buildScatter } from '../kinds/scatter.ts';
import { buildStat } from '../kinds/stat.ts';
import { buildComparison } from '../kinds/table.ts';
import { amountSteps, failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { toPipelineOfRow, toPipelineOfSeries } from '../onward.ts';
import * as executions from '../queries/executions.ts';

/** Do executions succeed, how many, how fast, and which pipelines do not. */
export const executionSuccessPanel = buildSuccessGauge({
  title: 'Pipeline success rate',
  description:
    'Share of the executions finished within the summary window that succeeded. Red below 80 %, yellow below 95 %, green ' +
    'from 95 %, which is the objective. Empty while nothing has finished.',
  query: { ask: executions.executionSuccessRatio },
  whenEmpty: 'No executions',
});

export const activePipelinesPanel = buildStat({
  title: 'Active pipelines',
  description:
    'Pipeline executions running now. Long above zero while nothing finishes: the worker hangs, look at the queue depth and its logs.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: executions.activeExecutions }],
  steps: amountSteps,
  history: true,
  whenEmpty: '0',
});

export const executionRatePanel = buildTimeSeries({
  title: 'Pipeline execution rate',
  description:
    'Executions finished a second, by status and by what started them. Red on top of green: some fail; nothing at all while ' +
    'signals are matched: the worker or the queue stands still.',
  unit: 'ops',
  queries: [{ ask: executions.executionRate, legend: '{{status}}, {{trigger_mode}}' }],
  stacked: true,
  colours: { '/^failed, /': palette.bad },
  whenEmpty: 'No executions',
});

export const failingPipelinesPanel = buildBars({
  title: 'Pipelines that fail most',
  description:
    'Failed executions within the summary window, the ten worst pipelines. One bar: that pipeline is wrong; many alike: what ' +
    'they share is (broker, database, model). A click narrows the dashboard to the pipeline.',
  unit: 'locale',
  query: { ask: executions.mostFailingPipelines, legend: '{{pipeline_id}}' },
  steps: failureSteps,
  whenEmpty: 'No execution failed',
  onward: toPipelineOfSeries,
});

export const executionDurationPanel = buildQuantiles({
  title: 'Execution duration P50, P95, P99',
  description:
    'Time from the start of an execution to its end. The dashed line is the objective. P99 alone high: single pipelines; all ' +
    'three high: the worker, the database or the broker is slow.',
  unit: 's',
  of: [executions.executionDurationP50, executions.executionDurationP95, executions.executionDurationP99],
  limit: objectives['pipeline-latency'].indicator.belowSeconds,
  whenEmpty: 'No executions',
});

export const executionHeatmapPanel = buildHeatmap({
  title: 'Execution duration heatmap',
  description:
    'How many executions took how long. Two bands: two kinds of execution; a band that climbs: something fills up. Dots are ' +
    'exemplars: single executions with their trace.',
  unit: 's',
  cellUnit: 'ops',
  query: { ask: executions.executionDurationBuckets, legend: '{{le}}' },
  whenEmpty: 'No executions',
});

export const executionsByStatusPanel = buildTimeSeries({
  title: 'Executions by status',
  description:
    'Executions finished a second, successful and failed on top of each other. The height is the load, the red part what to ' +
    'look into: the table of failing pipelines says whose it is.',
  unit: 'ops',
  queries: [{ ask: executions.executionRateByStatus, legend: '{{status}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^failed$/': palette.bad },
  whenEmpty: 'No executions',
});

export const executionsByTriggerPanel = buildTimeSeries({
  title: 'Executions by trigger mode',
  description:
    'Executions finished a second by what started them: a signal, a schedule or a user. Signals alone missing: look at the ' +
    'dispatcher; manual alone: somebody tries something out.',
  unit: 'ops',
  queries: [{ ask: executions.executionRateByTrigger, legend: '{{trigger_mode}}' }],
  stacked: true,
  whenEmpty: 'No executions',
});

const pipelineRows = { label: 'pipeline_id', heading: 'Pipeline' };

export const failingPipelinesTable = buildComparison({
  title: 'Most failing pipelines',
  description:
    'The ten pipelines with the most failed executions within the summary window, with the failed share of each. A share of ' +
    '100 %: the pipeline is wrong; the same small share everywhere: what they use is. A click narrows the dashboard to it.',
  unit: 'locale',
  rows: pipelineRows,
  measured: [
    { heading: 'Failed', unit: 'locale', decimals: 0, query: { ask: executions.mostFailingPipelines } },
    { heading: 'Share', unit: 'percentunit', decimals: 1, query: { ask: executions.failureShareByPipeline } },
  ],
  whenEmpty: 'No execution failed',
  onward: toPipelineOfRow,
});

export const slowestPipelinesTable = buildComparison({
  title: 'Slowest pipelines',
  description:
    'The ten pipelines whose executions take longest: 95 % of those of the summary window were faster than this. With their ' +
    'number: one slow execution in two says little. A click narrows the dashboard to the pipeline.',
  unit: 'locale',
  rows: pipelineRows,
  measured: [
    { heading: 'P95', unit: 's', query: { ask: executions.slowestPipelines } },
    { heading: 'Executions', unit: 'locale', decimals: 0, query: { ask: executions.executionsByPipeline } },
  ],
  whenEmpty: 'No executions',
  onward: toPipelineOfRow,
});

export const costScatterPanel = buildScatter({
  title: 'Cost per execution',
  description:
    'A dot a pipeline: how long its executions take, and what their models cost, means of the summary window. Top right: slow ' +
    'and dear; top left: a dear model that answers fast. All at 0: agents that ask no model.',
  dots: pipelineRows,
  x: { heading: 'Mean duration', unit: 's', query: { ask: executions.meanDurationByPipeline } },
  y: { heading: 'Mean cost', unit: 'currencyUSD', query: { ask: executions.meanCostByPipeline } },
  whenEmpty: 'No executions',
});

export const jobRatePanel = buildTimeSeries({
  title: 'Jobs ended by status',
  description:
    'Attempts at a job that ended a second. Retried: an attempt failed and another follows, so something the worker needs ' +
    'comes and goes; failed: the last attempt was no better.',
  unit: 'ops',
  queries: [{ ask: executions.jobRate, legend: '{{status}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^retried$/': palette.aside, '/^failed$/': palette.bad },
  whenEmpty: 'No jobs',
});

export const runningJobsPanel = buildStat({
  title: 'Jobs running',
  description: 'Jobs that the workers run now. At the number they may run at once: more workers, or the queue grows.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: executions.runningJobs }],
  steps: amountSteps,
  history: true,
  whenEmpty: 'No worker',
});

export const jobDurationPanel = buildQuantiles({
  title: 'Job duration P50, P95, P99',
  description:
    'Time of an attempt at a job. Longer than the execution in it: the worker waits for Postgres or Redis around it.',
  unit: 's',
  of: [executions.jobP50, executions.jobP95, executions.jobP99],
  whenEmpty: 'No jobs',
});

export const queueDepthPanel = buildTimeSeries({
  title: 'Job queue depth',
  description:
    'Executions in the queue between dispatcher and worker, by state. Waiting grows: too few workers, or they stand still; ' +
    'failed grows: jobs that no attempt could save.',
  unit: 'short',
  queries: [{ ask: executions.queueDepth, legend: '{{state}}' }],
  colours: {
    '/^waiting$/': palette.offered,
    '/^active$/': palette.amount,
    '/^delayed$/': palette.aside,
    '/^failed$/': palette.bad,
  },
  whenEmpty: 'No worker reports the queue',
});

export const executionsOfDayPanel = buildStat({
  title: 'Executions, last 24 h',
  description: 'Pipeline executions finished in the last 24 hours, successful or not.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: executions.executionsOfDay }],
  steps: amountSteps,
  whenEmpty: '0',
});
