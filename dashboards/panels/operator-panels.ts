/** Panels about the operator: its replicas, its reconciles, and its requests to the API server and to Prometheus. */
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildHeatmap } from '../kinds/heatmap.ts';
import { buildStat } from '../kinds/stat.ts';
import { failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import * as operator from '../queries/operator.ts';

const replicasPanel = buildStat({
  title: 'Operators scraped',
  description:
    'Replicas of the operator that Prometheus scrapes. At 0 the operator is down or not monitored. The objects it ' +
    'made keep working, but nobody repairs them.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: operator.replicas }],
  steps: [
    { from: null, colour: palette.bad },
    { from: 1, colour: palette.good },
  ],
  whenEmpty: '0',
});

const leadersPanel = buildStat({
  title: 'Leaders',
  description:
    'Replicas of the operator that lead. Exactly one must lead; the others stand by. If there is none for longer ' +
    'than a lease lasts, nothing is reconciled: look at the Lease and at the rights on it.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: operator.leaders }],
  steps: [
    { from: null, colour: palette.bad },
    { from: 1, colour: palette.good },
    { from: 2, colour: palette.bad },
  ],
  whenEmpty: 'No operator is scraped',
});

const readinessPanel = buildBars({
  title: 'Resources by readiness',
  description:
    'TradingPipelines by their condition Ready. For False, `kubectl get tp -A` lists them, and the conditions of ' +
    'each say what to do.',
  unit: 'locale',
  query: { ask: operator.resourcesByReadiness, legend: '{{ready}}' },
  steps: [{ from: null, colour: palette.amount }],
  whenEmpty: 'No operator is scraped',
});

const reconcilesPanel = buildTimeSeries({
  title: 'Reconciles by result',
  description:
    'Reconciles per second. A steady low rate is the resync. A rate far above it means that something is written ' +
    'again and again: see the drift. Failed reconciles are retried after growing delays.',
  unit: 'ops',
  queries: [{ ask: operator.reconcileRate, legend: '{{result}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^error$/': palette.bad },
  whenEmpty: 'No operator is scraped',
});

const reconcileErrorsPanel = buildTimeSeries({
  title: 'Failed share of reconciles',
  description:
    "Share of the reconciles that failed. If all fail, look at the API server or at the operator's rights. If some " +
    'fail, the log has the resource and the reason.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: operator.reconcileErrorShare, legend: 'failed reconciles' }],
  whenEmpty: 'No reconciles',
});

const retriesPanel = buildTimeSeries({
  title: 'Retries',
  description:
    'Failed reconciles per second that were put back into the queue, to be tried again after growing delays. If the ' +
    'rate stays, the same resource always fails; its conditions say why.',
  unit: 'ops',
  queries: [{ ask: operator.retryRate, legend: 'retries' }],
  whenEmpty: 'No operator is scraped',
});

const reconcileDurationPanel = buildQuantiles({
  title: 'Reconcile duration P50, P95, P99',
  description:
    'Time from taking a resource from the queue until its status is written. Most of it is spent on requests to the ' +
    'API server: compare with their errors.',
  unit: 's',
  of: [operator.reconcileP50, operator.reconcileP95, operator.reconcileP99],
  whenEmpty: 'No reconciles',
});

const reconcileHeatmapPanel = buildHeatmap({
  title: 'Reconcile duration heatmap',
  description:
    'Number of reconciles by how long they took. Those in the low band found nothing to do, those in the band above ' +
    'wrote objects.',
  unit: 's',
  cellUnit: 'ops',
  query: { ask: operator.reconcileBuckets, legend: '{{le}}' },
  whenEmpty: 'No reconciles',
});

const operatorQueuePanel = buildTimeSeries({
  title: 'Operator queue depth',
  description:
    'Resources that wait to be reconciled. After a restart all of them wait for some seconds. If the depth stays, ' +
    'reconciles are slow or fail.',
  unit: 'short',
  queries: [{ ask: operator.queueDepth, legend: 'waiting' }],
  colours: { '/^waiting$/': palette.offered },
  whenEmpty: 'No operator is scraped',
});

const queueLatencyPanel = buildQuantiles({
  title: 'Operator queue latency P50, P95, P99',
  description:
    'Time that a resource waits in the queue: how long a user waits after `kubectl apply` before anything happens.',
  unit: 's',
  of: [operator.queueLatencyP50, operator.queueLatencyP95, operator.queueLatencyP99],
  whenEmpty: 'No reconciles',
});

const conflictsPanel = buildBars({
  title: 'Conflicts, last hour',
  description:
    'Writes of the last hour that the API server refused because the object had changed, by kind. They are tried ' +
    'again. Many of one kind mean that two writers change the same object.',
  unit: 'locale',
  query: { ask: operator.conflictsOfHour, legend: '{{kind}}' },
  steps: failureSteps,
  whenEmpty: 'No conflict',
});

const driftPanel = buildBars({
  title: 'Drift repaired, last hour',
  description:
    'Generated objects that somebody changed or deleted in the last hour and that the operator repaired, by kind. If ' +
    'it happens again and again, another tool manages them too.',
  unit: 'locale',
  query: { ask: operator.driftOfHour, legend: '{{kind}}' },
  steps: failureSteps,
  whenEmpty: 'No operator is scraped',
});

const driftTimelinePanel = buildTimeSeries({
  title: 'Drift repaired over time',
  description:
    'Generated objects repaired per second, by kind. A regular pattern comes from a program, a single peak from a ' +
    'person.',
  unit: 'ops',
  queries: [{ ask: operator.driftRate, legend: '{{kind}}' }],
  stacked: true,
  whenEmpty: 'No operator is scraped',
});

const apiRequestsPanel = buildTimeSeries({
  title: 'API requests by verb and code',
  description:
    'Requests to the API server per second. At rest, only watches are renewed. Applies while no resource changes ' +
    'mean drift, or an object that never settles.',
  unit: 'reqps',
  queries: [{ ask: operator.requestRate, legend: '{{verb}} {{code}}' }],
  stacked: true,
  whenEmpty: 'No requests',
});

const apiErrorsPanel = buildTimeSeries({
  title: 'API errors by verb and code',
  description:
    'Failed requests to the API server per second. 0: no answer. 403: a right is missing. 409: a conflict. 410: the ' +
    'watch was too old, and the operator lists again. 429: the server sheds load.',
  unit: 'reqps',
  queries: [{ ask: operator.requestErrorRate, legend: '{{verb}} {{code}}' }],
  stacked: true,
  whenEmpty: 'No request failed',
});

const watchAgePanel = buildTimeSeries({
  title: 'Age of the watches',
  description:
    'Time since a watch last heard from the API server, by resource. Each watch is renewed within 35 s. A line that ' +
    'climbs higher is a watch that died in silence, so changes go unnoticed.',
  unit: 's',
  queries: [{ ask: operator.watchAge, legend: '{{resource}}' }],
  whenEmpty: 'No operator is scraped',
});

const prometheusPollsPanel = buildTimeSeries({
  title: 'Questions to Prometheus',
  description:
    'Polls per second in which the operator asks Prometheus for its targets, rules and alerts. If they fail, the ' +
    'address is wrong or a network policy blocks them; the status of resources then lacks the facts that only ' +
    'Prometheus has.',
  unit: 'ops',
  queries: [{ ask: operator.prometheusPollRate, legend: '{{result}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^error$/': palette.bad },
  whenEmpty: 'It is not told of a Prometheus, or no operator is scraped',
});

export const operatorStateSection: Section = {
  title: 'Is it there, is all ready',
  lines: [
    buildLine(6, [replicasPanel, 3], [leadersPanel, 3], [readinessPanel, 6], [conflictsPanel, 6], [driftPanel, 6]),
  ],
};

export const operatorWorkSection: Section = {
  title: 'Work',
  lines: [buildLine(8, [reconcilesPanel, 8], [operatorQueuePanel, 8], [driftTimelinePanel, 8])],
};

export const operatorErrorsSection: Section = {
  title: 'Errors',
  lines: [buildLine(8, [reconcileErrorsPanel, 8], [retriesPanel, 8], [apiErrorsPanel, 8])],
};

export const operatorDurationSection: Section = {
  title: 'Duration',
  lines: [buildLine(9, [reconcileDurationPanel, 8], [reconcileHeatmapPanel, 8], [queueLatencyPanel, 8])],
};

export const operatorRequestsSection: Section = {
  title: 'The API server and Prometheus',
  lines: [buildLine(8, [apiRequestsPanel, 8], [watchAgePanel, 8], [prometheusPollsPanel, 8])],
};
