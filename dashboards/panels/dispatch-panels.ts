/** Panels about the dispatcher: matches, batches and the index of pipelines. */
import { alerts } from '#catalogue/alerts.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import * as dispatch from '../queries/dispatch.ts';

export const matchedPanel = buildTimeSeries({
  title: 'Pipelines matched, enqueued, skipped',
  description:
    'Pipelines per second that a signal matched, that were put into the job queue, and that were skipped because ' +
    'they still ran for that ticker. Matched is the sum of the other two.',
  unit: 'ops',
  queries: [
    { ask: dispatch.matchedRate, legend: 'matched' },
    { ask: dispatch.enqueuedRate, legend: 'enqueued' },
    { ask: dispatch.skippedRate, legend: 'skipped' },
  ],
  colours: { '/^matched$/': palette.offered, '/^enqueued$/': palette.amount, '/^skipped$/': palette.aside },
  whenEmpty: 'No matches',
});

export const efficiencyPanel = buildStat({
  title: 'Matching efficiency',
  description:
    'Share of the matched pipelines that were enqueued within the summary window. The others were skipped because ' +
    'they still ran for that ticker. A low share means that executions take longer than the time between signals.',
  unit: 'percentunit',
  decimals: 1,
  queries: [{ ask: dispatch.matchingEfficiency }],
  steps: amountSteps,
  whenEmpty: 'No matches',
});

export const batchSizePanel = buildStat({
  title: 'Average batch size',
  description:
    'Mean number of signals in a batch of the dispatcher within the summary window. Near the configured maximum (20 ' +
    'by default) the dispatcher is always busy; near 1, batches end by their time limit.',
  unit: 'locale',
  decimals: 1,
  queries: [{ ask: dispatch.averageBatchSize }],
  steps: amountSteps,
  whenEmpty: 'No batches',
});

const batchDurationPanel = buildQuantiles({
  title: 'Batch processing P50, P95, P99',
  description:
    'Time from the end of a batch to its committed offsets: matching, one transaction and the job queue. It grows ' +
    'with the number of matches. If it grows without them, Postgres or Redis is slow.',
  unit: 's',
  of: [dispatch.batchP50, dispatch.batchP95, dispatch.batchP99],
  whenEmpty: 'No batches',
});

const indexedPipelinesPanel = buildStat({
  title: 'Pipelines in the index',
  description:
    'Active pipelines that signals are matched with. If Postgres has more active pipelines, the dispatcher missed ' +
    'changes; the next full refresh adds them.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: dispatch.indexedPipelines }],
  steps: amountSteps,
  whenEmpty: 'No dispatcher',
});

const indexSizePanel = buildStat({
  title: 'Size of the index',
  description: "Estimated memory of the dispatcher's index of active pipelines.",
  unit: 'bytes',
  decimals: 1,
  queries: [{ ask: dispatch.indexBytes }],
  steps: amountSteps,
  whenEmpty: 'No dispatcher',
});

const refreshPanel = buildTimeSeries({
  title: 'Index refresh P95',
  description:
    '95 % of the full refreshes of the index from Postgres are faster than this. The time grows with the number of ' +
    'pipelines, and with nothing else.',
  unit: 's',
  queries: [{ ask: dispatch.refreshP95, legend: 'P95' }],
  colours: { '/^P95$/': palette.tail },
  whenEmpty: 'No refresh',
});

export const enqueuedOfDayPanel = buildStat({
  title: 'Pipelines enqueued, last 24 h',
  description: 'Matched pipelines that were put into the job queue in the last 24 hours.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: dispatch.enqueuedOfDay }],
  steps: amountSteps,
  whenEmpty: '0',
});

export const consumerLagPanel = buildTimeSeries({
  title: 'Kafka consumer lag',
  description:
    'Age of the oldest signal that the dispatcher has not consumed, by partition; 0 if it has consumed all. The ' +
    'dashed line is the default threshold of HighKafkaConsumerLag. A line that ends means that the dispatcher is ' +
    'gone.',
  unit: 's',
  queries: [{ ask: dispatch.consumerLag, legend: '{{topic}} / {{partition}}' }],
  limit: alerts.HighKafkaConsumerLag.threshold,
  whenEmpty: 'No dispatcher reports its lag',
});

const offsetPanel = buildTimeSeries({
  title: 'Kafka offset by partition',
  description:
    'Offset up to which the dispatcher has committed, by partition. If it stays flat while signals are published, ' +
    'the partition is stuck. If one rises faster than the others, the keys are unevenly distributed.',
  unit: 'short',
  free: true,
  queries: [{ ask: dispatch.committedOffset, legend: '{{topic}} / {{partition}}' }],
  whenEmpty: 'No dispatcher reports its offsets',
});

export const dispatcherSection: Section = {
  title: 'Kafka and the dispatcher',
  lines: [
    buildLine(8, [offsetPanel, 8], [consumerLagPanel, 8], [batchDurationPanel, 8]),
    buildLine(6, [indexedPipelinesPanel, 6], [indexSizePanel, 6], [refreshPanel, 12]),
  ],
};
