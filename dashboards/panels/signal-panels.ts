/** Panels about signals: are they generated, do they reach Kafka, and does the dispatcher keep up? */
import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildSuccessGauge } from '../kinds/gauge.ts';
import { buildHeatmap } from '../kinds/heatmap.ts';
import { buildPie } from '../kinds/pie.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, failureSteps, palette } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import { toSignalTypeOfSeries } from '../onward.ts';
import { serverErrorShare } from '../queries/api.ts';
import { executionFailureShare } from '../queries/executions.ts';
import * as signals from '../queries/signals.ts';
import { buildBudgetPanel, buildBurnPanel } from './objective-panels.ts';

export const publishSuccessPanel = buildSuccessGauge({
  title: 'Kafka publish success rate',
  description:
    'Share of the attempts to publish a signal within the summary window that Kafka acknowledged. A failed attempt ' +
    'is repeated in order: no signal is lost, but signals wait. Empty while nothing is published.',
  query: { ask: signals.publishSuccessRatio },
  whenEmpty: 'No publishes',
});

export const signalRatePanel = buildTimeSeries({
  title: 'Signal generation rate',
  description:
    'Signals generated per second, by type and by generator (source). If there are none while a market is ' +
    'open, no bars arrive, or the generator has stopped. A click narrows the dashboard to the type.',
  unit: 'eps',
  queries: [{ ask: signals.signalRate, legend: '{{signal_type}}, {{source}}' }],
  stacked: true,
  whenEmpty: 'No signals',
  onward: toSignalTypeOfSeries,
});

export const failureSharePanel = buildTimeSeries({
  title: 'Share of failures',
  description:
    'Failed share of pipeline executions, of publishes to Kafka and of API requests (status 5xx). The line that ' +
    'rises first points to the cause. A gap means that nothing was tried.',
  unit: 'percentunit',
  max: 1,
  queries: [
    { ask: executionFailureShare, legend: 'executions' },
    { ask: signals.publishFailureShare, legend: 'publishes' },
    { ask: serverErrorShare, legend: 'API requests' },
  ],
  limit: alerts.HighPipelineFailureRate.threshold,
  whenEmpty: 'Nothing was tried',
});

export const publishFailuresPanel = buildStat({
  title: 'Kafka publish failures, last hour',
  description:
    'Failed attempts to publish a signal in the last hour. Each is repeated in order. Look at the brokers and at the ' +
    "generator's log, which has the error.",
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: signals.publishFailuresOfHour }],
  steps: failureSteps,
  whenEmpty: 'No data',
});

export const deadLettersPanel = buildStat({
  title: 'Dead letters, last hour',
  description:
    'Messages of the last hour that were not valid signals. They were put into trading-signals-dlq, with the reason ' +
    'in their headers. Look at which other programs write to trading-signals.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: signals.rejectedOfHour }],
  steps: failureSteps,
  whenEmpty: 'No data',
});

const signalsByTypePanel = buildPie({
  title: 'Signals by type',
  description:
    'Share of each type in the signals of the summary window. If there is only one type, its generator reports ' +
    'noise, or the other generators see nothing. A click narrows the dashboard to the type.',
  unit: 'short',
  query: { ask: signals.signalsByType, legend: '{{signal_type}}' },
  whenEmpty: 'No signals',
  onward: toSignalTypeOfSeries,
});

const signalsBySourcePanel = buildBars({
  title: 'Signals by source',
  description:
    'Signals of the summary window, by the generator they come from. If only one is at 0, its event did not happen, ' +
    'or it does not run; if all are, no bars arrive.',
  unit: 'locale',
  query: { ask: signals.signalsBySource, legend: '{{source}}' },
  steps: amountSteps,
  whenEmpty: 'No signals',
});

const generationTimelinePanel = buildTimeSeries({
  title: 'Generation timeline',
  description:
    'Signals generated per second, by type. If all types peak together, the market moved. If all end, no bars ' +
    'arrive, or the generator has stopped. A click narrows the dashboard to the type.',
  unit: 'eps',
  queries: [{ ask: signals.signalRateByType, legend: '{{signal_type}}' }],
  stacked: true,
  whenEmpty: 'No signals',
  onward: toSignalTypeOfSeries,
});

const generationDurationPanel = buildTimeSeries({
  title: 'Generation duration P95 by generator',
  description:
    "95 % of a generator's bars take less time than this. If all generators become slower, the process lacks CPU. If " +
    'one does, the work of its indicator grows with the length of its history.',
  unit: 's',
  queries: [{ ask: signals.generationP95, legend: '{{generator}}' }],
  whenEmpty: 'No bars',
});

const publishHeatmapPanel = buildHeatmap({
  title: 'Kafka publish duration',
  description:
    'Number of publishes by the time until all in-sync replicas had the signal. A band that climbs means that a ' +
    'broker is slow or a replica lags. Dots are exemplars: single signals with their trace.',
  unit: 's',
  cellUnit: 'ops',
  query: { ask: signals.publishBuckets, legend: '{{le}}' },
  whenEmpty: 'No publishes',
});

const publishErrorsPanel = buildTimeSeries({
  title: 'Publish failures by error type',
  description:
    'Failed attempts to publish, per second. connection: no broker can be reached. timeout: the broker answers too ' +
    'late. broker: it refuses the signal, and its log says why. Each attempt is repeated in order.',
  unit: 'ops',
  queries: [{ ask: signals.publishFailuresByError, legend: '{{error_type}}' }],
  stacked: true,
  whenEmpty: 'No publishes',
});

export const publishedConsumedPanel = buildTimeSeries({
  title: 'Signals published and consumed',
  description:
    'Signals per second that go into Kafka and come out of it. The two lines should be equal; if published is above ' +
    'consumed, the dispatcher falls behind.',
  unit: 'mps',
  queries: [
    { ask: signals.publishRate, legend: 'published' },
    { ask: signals.consumeRate, legend: 'consumed' },
    { ask: signals.rejectRate, legend: 'rejected' },
  ],
  colours: { '/^published$/': palette.offered, '/^consumed$/': palette.amount, '/^rejected$/': palette.bad },
  whenEmpty: 'No signals',
});

export const signalsOfDayPanel = buildStat({
  title: 'Signals, last 24 h',
  description: 'Signals generated in the last 24 hours.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: signals.signalsOfDay }],
  steps: amountSteps,
  whenEmpty: '0',
});

export const signalsSection: Section = {
  title: 'Signals',
  lines: [buildLine(8, [signalsByTypePanel, 8], [signalsBySourcePanel, 6], [generationTimelinePanel, 10])],
};

export const publishErrorsSection: Section = {
  title: 'Errors on the way to Kafka',
  lines: [
    buildLine(
      8,
      [publishSuccessPanel, 5],
      [publishErrorsPanel, 11],
      [[publishFailuresPanel, buildBudgetPanel(['publish-success'])], 8],
    ),
    buildLine(8, [buildBurnPanel(['publish-success']), 12], [publishedConsumedPanel, 12]),
  ],
};

export const signalDurationSection: Section = {
  title: 'Duration',
  lines: [buildLine(9, [generationDurationPanel, 12], [publishHeatmapPanel, 12])],
};
