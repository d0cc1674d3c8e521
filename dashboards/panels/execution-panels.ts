/** Panels about executions and jobs: how many, how fast, and which pipelines fail. */
import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildSuccessGauge } from '../kinds/gauge.ts';
import { buildHeatmap } from '../kinds/heatmap.ts';
import { buildScatter } from '../kinds/scatter.ts';
import { buildStat } from '../kinds/stat.ts';
import { buildComparison } from '../kinds/table.ts';
import { amountSteps, failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import { toPipelineOfRow, toPipelineOfSeries } from '../onward.ts';
import * as executions from '../queries/executions.ts';
import { agentBreakdownPanel } from './agent-panels.ts';
import { jobRatePanel, queueDepthPanel } from './job-panels.ts';
import { buildBudgetPanel, buildBurnPanel } from './objective-panels.ts';

export const executionSuccessPanel = buildSuccessGauge({
  title: 'Pipeline success rate',
  description:
    'Share of the executions finished within the summary window that succeeded. Red below 80 %, yellow below 95 %, ' +
    'green from 95 %, which is the objective. Empty while no execution has finished.',
  query: { ask: executions.executionSuccessRatio },
  whenEmpty: 'No executions',
});

export const activePipelinesPanel = buildStat({
  title: 'Active pipelines',
  description:
    'Pipeline executions running now. If it stays above zero while nothing finishes, the worker hangs: look at the ' +
    "queue depth and at the worker's log.",
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
    'Executions finished per second, by status and by what started them. Red means failures. If there are none while ' +
    'signals match pipelines, the worker or the queue has stopped.',
  unit: 'ops',
  queries: [{ ask: executions.executionRate, legend: '{{status}}, {{trigger_mode}}' }],
  stacked: true,
  colours: { '/^failed, /': palette.bad },
  whenEmpty: 'No executions',
});

export const failingPipelinesPanel = buildBars({
  title: 'Pipelines that fail most',
  description:
    'The ten pipelines with the most failed executions within the summary window. A single bar points to that ' +
    'pipeline; many similar bars point to something they share (broker, database, model). A click narrows the ' +
    'dashboard to the pipeline.',
  unit: 'locale',
  query: { ask: executions.mostFailingPipelines, legend: '{{pipeline_id}}' },
  steps: failureSteps,
  whenEmpty: 'No execution failed',
  onward: toPipelineOfSeries,
});

export const executionDurationPanel = buildQuantiles({
  title: 'Execution duration P50, P95, P99',
  description:
    'Time from the start of an execution to its end. The dashed line is the objective. If only P99 is high, a few ' +
    'pipelines are slow. If all three are high, the worker, the database or the broker is slow.',
  unit: 's',
  of: [executions.executionDurationP50, executions.executionDurationP95, executions.executionDurationP99],
  limit: objectives['pipeline-latency'].indicator.belowSeconds,
  whenEmpty: 'No executions',
});

export const executionHeatmapPanel = buildHeatmap({
  title: 'Execution duration heatmap',
  description:
    'Number of executions by how long they took. Two bands are two kinds of execution; a band that climbs means that ' +
    'something fills up. Dots are exemplars: single executions with their trace.',
  unit: 's',
  cellUnit: 'ops',
  query: { ask: executions.executionDurationBuckets, legend: '{{le}}' },
  whenEmpty: 'No executions',
});

const executionsByStatusPanel = buildTimeSeries({
  title: 'Executions by status',
  description:
    'Executions finished per second, failed ones stacked on successful ones. The height is the load. For the red ' +
    'part, see the table of failing pipelines.',
  unit: 'ops',
  queries: [{ ask: executions.executionRateByStatus, legend: '{{status}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^failed$/': palette.bad },
  whenEmpty: 'No executions',
});

export const executionsByTriggerPanel = buildTimeSeries({
  title: 'Executions by trigger mode',
  description:
    'Executions finished per second, by what started them: a signal, a schedule or a user. If only those of signals ' +
    'are missing, look at the dispatcher. If there are only manual ones, somebody tries something out.',
  unit: 'ops',
  queries: [{ ask: executions.executionRateByTrigger, legend: '{{trigger_mode}}' }],
  stacked: true,
  whenEmpty: 'No executions',
});

const pipelineRows = { label: 'pipeline_id', heading: 'Pipeline' };

const failingPipelinesTable = buildComparison({
  title: 'Most failing pipelines',
  description:
    'The ten pipelines with the most failed executions within the summary window, and the failed share of each. A ' +
    'share of 100 % points to the pipeline itself; the same small share everywhere points to something they all use. ' +
    'A click narrows the dashboard to the pipeline.',
  unit: 'locale',
  rows: pipelineRows,
  measured: [
    { heading: 'Failed', unit: 'locale', decimals: 0, query: { ask: executions.mostFailingPipelines } },
    { heading: 'Share', unit: 'percentunit', decimals: 1, query: { ask: executions.failureShareByPipeline } },
  ],
  whenEmpty: 'No execution failed',
  onward: toPipelineOfRow,
});

const slowestPipelinesTable = buildComparison({
  title: 'Slowest pipelines',
  description:
    "The ten pipelines with the slowest executions within the summary window: 95 % of a pipeline's executions were " +
    'faster than this. The number of executions shows how much the value can be trusted. A click narrows the ' +
    'dashboard to the pipeline.',
  unit: 'locale',
  rows: pipelineRows,
  measured: [
    { heading: 'P95', unit: 's', query: { ask: executions.slowestPipelines } },
    { heading: 'Executions', unit: 'locale', decimals: 0, query: { ask: executions.executionsByPipeline } },
  ],
  whenEmpty: 'No executions',
  onward: toPipelineOfRow,
});

const costScatterPanel = buildScatter({
  title: 'Cost per execution',
  description:
    'One dot for each pipeline: mean duration of its executions, and mean cost of the models they called, within the ' +
    'summary window. Top right is slow and expensive; top left is an expensive model that answers fast. At cost 0, ' +
    'the agents call no model.',
  dots: pipelineRows,
  x: { heading: 'Mean duration', unit: 's', query: { ask: executions.meanDurationByPipeline } },
  y: { heading: 'Mean cost', unit: 'currencyUSD', query: { ask: executions.meanCostByPipeline } },
  whenEmpty: 'No executions',
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

const kept = ['pipeline-success', 'pipeline-latency'] as const;

export const executionObjectivesSection: Section = {
  title: 'Objectives',
  lines: [
    buildLine(
      8,
      [executionSuccessPanel, 5],
      [buildBudgetPanel(kept), 6],
      [buildBurnPanel(kept), 9],
      [activePipelinesPanel, 4],
    ),
  ],
};

export const executionsSection: Section = {
  title: 'Executions',
  lines: [buildLine(8, [executionsByStatusPanel, 12], [executionsByTriggerPanel, 12])],
};

export const executionErrorsSection: Section = {
  title: 'Errors',
  lines: [buildLine(8, [failingPipelinesTable, 12], [jobRatePanel, 12])],
};

export const executionDurationSection: Section = {
  title: 'Duration',
  lines: [
    buildLine(9, [executionDurationPanel, 12], [executionHeatmapPanel, 12]),
    buildLine(8, [slowestPipelinesTable, 12], [agentBreakdownPanel, 12]),
  ],
};

export const executionCostSection: Section = {
  title: 'Cost and queue',
  lines: [buildLine(9, [costScatterPanel, 12], [queueDepthPanel, 12])],
};
