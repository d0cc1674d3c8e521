import { buildStat } from '../kinds/stat.ts';
import { amountSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import * as dispatch from '../queries/dispatch.ts';

/** What becomes of a signal in the dispatcher. */
export const matchedPanel = buildTimeSeries({
  title: 'Pipelines matched, enqueued, skipped',
  description:
    'Pipelines a second that a signal matched, that went into the job queue, and that were skipped because they still ran for ' +
    'that ticker. Matched is the sum of the other two.',
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
    'Enqueued of the matched pipelines within the summary window. The rest was skipped because it still ran for that ticker: a ' +
    'low share says that executions take longer than signals are apart.',
  unit: 'percentunit',
  decimals: 1,
  queries: [{ ask: dispatch.matchingEfficiency }],
  steps: amountSteps,
  whenEmpty: 'No matches',
});

export const batchSizePanel = buildStat({
  title: 'Average batch size',
  description:
    'Signals in a batch of the dispatcher, mean of the summary window. Near the configured maximum (20 by default): it is busy ' +
    'all the time; near 1: batches end by their time limit.',
  unit: 'locale',
  decimals: 1,
  queries: [{ ask: dispatch.averageBatchSize }],
  steps: amountSteps,
  whenEmpty: 'No batches',
});

export const batchDurationPanel = buildQuantiles({
  title: 'Batch processing P50, P95, P99',
  description:
    'Time from the end of a batch to its committed offsets: matching, one transaction, and the job queue. It grows with the ' +
    'matches; with the same matches: Postgres or Redis is slow.',
  unit: 's',
  of: [dispatch.batchP50, dispatch.batchP95, dispatch.batchP99],
  whenEmpty: 'No batches',
});

export const indexedPipelinesPanel = buildStat({
  title: 'Pipelines in the index',
  description:
    'Active pipelines that signals are matched with. Fewer than Postgres has active ones: the dispatcher missed changes, which ' +
    'the next full refresh repairs.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: dispatch.indexedPipelines }],
  steps: amountSteps,
  whenEmpty: 'No dispatcher',
});

export const indexSizePanel = buildStat({
  title: 'Size of the index',
  description: 'Memory that the index of active pipelines takes, as the dispatcher estimates it.',
  unit: 'bytes',
  decimals: 1,
  queries: [{ ask: dispatch.indexBytes }],
  steps: amountSteps,
  whenEmpty: 'No dispatcher',
});

export const refreshPanel = buildTimeSeries({
  title: 'Index refresh P95',
  description:
    'Time of a full refresh of the index from Postgres; 95 % are faster. It grows with the number of pipelines, and only with that.',
  unit: 's',
  queries: [{ ask: dispatch.refreshP95, legend: 'P95' }],
  colours: { '/^P95$/': palette.tail },
  whenEmpty: 'No refresh',
});

export const enqueuedOfDayPanel = buildStat({
  title: 'Pipelines enqueued, last 24 h',
  description: 'Matched pipelines put into the job queue in the last 24 hours.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: dispatch.enqueuedOfDay }],
  steps: amountSteps,
  whenEmpty: '0',
});
