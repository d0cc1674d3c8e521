import { buildBars } from '../kinds/bar-gauge.ts';
import { buildHeatmap } from '../kinds/heatmap.ts';
import { buildStat } from '../kinds/stat.ts';
import { failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import * as operator from '../queries/operator.ts';

/** What the operator was asked to do, how far it has come, and how the API server answers it. */
export const replicasPanel = buildStat({
  title: 'Operators scraped',
  description:
    'Replicas of the operator that Prometheus scrapes. 0: it is down, or nothing monitors it; the objects it made stay and ' +
    'work on, but nothing puts them right.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: operator.replicas }],
  steps: [
    { from: null, colour: palette.bad },
    { from: 1, colour: palette.good },
  ],
  whenEmpty: '0',
});

export const leadersPanel = buildStat({
  title: 'Leaders',
  description:
    'Operators that lead. One must; the others stand by. 0 for longer than a lease: nobody works; look at the Lease and its rights.',
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

export const readinessPanel = buildBars({
  title: 'Resources by readiness',
  description:
    'TradingPipelines by their condition Ready. False: `kubectl get tp -A` names them, and the conditions of each say what to do.',
  unit: 'locale',
  query: { ask: operator.resourcesByReadiness, legend: '{{ready}}' },
  steps: [{ from: null, colour: palette.amount }],
  whenEmpty: 'No operator is scraped',
});

export const reconcilesPanel = buildTimeSeries({
  title: 'Reconciles by result',
  description:
    'Reconciles a second. A steady hum is the resync; a plateau far above it: something is written again and again, see the ' +
    'drift. Errors are tried again, ever later.',
  unit: 'ops',
  queries: [{ ask: operator.reconcileRate, legend: '{{result}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^error$/': palette.bad },
  whenEmpty: 'No operator is scraped',
});

export const reconcileErrorsPanel = buildTimeSeries({
  title: 'Failed share of reconciles',
  description:
    'Share of the reconciles that failed. All fail: the API server or the rights; some: the log names the resource and the reason.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: operator.reconcileErrorShare, legend: 'failed reconciles' }],
  whenEmpty: 'No reconciles',
});

export const retriesPanel = buildTimeSeries({
  title: 'Retries',
  description:
    'Reconciles a second that failed and were put back to be tried again, ever later. A plateau: the same resource fails for ' +
    'ever; its conditions say why.',
  unit: 'ops',
  queries: [{ ask: operator.retryRate, legend: 'retries' }],
  whenEmpty: 'No operator is scraped',
});

export const reconcileDurationPanel = buildQuantiles({
  title: 'Reconcile duration P50, P95, P99',
  description:
    'Time from taking a resource in hand to its written status. Most of it is the API server: compare with its errors.',
  unit: 's',
  of: [operator.reconcileP50, operator.reconcileP95, operator.reconcileP99],
  whenEmpty: 'No reconciles',
});

export const reconcileHeatmapPanel = buildHeatmap({
  title: 'Reconcile duration heatmap',
  description: 'How many reconciles took how long. The low band found nothing to do, the one above it wrote objects.',
  unit: 's',
  cellUnit: 'ops',
  query: { ask: operator.reconcileBuckets, legend: '{{le}}' },
  whenEmpty: 'No reconciles',
});

export const operatorQueuePanel = buildTimeSeries({
  title: 'Operator queue depth',
  description:
    'Resources that wait to be reconciled. After a restart all of them, for seconds; a depth that stays: reconciles are slow ' +
    'or fail.',
  unit: 'short',
  queries: [{ ask: operator.queueDepth, legend: 'waiting' }],
  colours: { '/^waiting$/': palette.offered },
  whenEmpty: 'No operator is scraped',
});

export const queueLatencyPanel = buildQuantiles({
  title: 'Operator queue latency P50, P95, P99',
  description:
    'Time a resource waits before it is taken in hand: what a user waits after `kubectl apply` before anything happens.',
  unit: 's',
  of: [operator.queueLatencyP50, operator.queueLatencyP95, operator.queueLatencyP99],
  whenEmpty: 'No reconciles',
});

export const conflictsPanel = buildBars({
  title: 'Conflicts, last hour',
  description:
    'Writes of the last hour that the API server refused because the object had changed, by kind. They are tried again; many ' +
    'of one kind: two writers quarrel over it.',
  unit: 'locale',
  query: { ask: operator.conflictsOfHour, legend: '{{kind}}' },
  steps: failureSteps,
  whenEmpty: 'No conflict',
});

export const driftPanel = buildBars({
  title: 'Drift repaired, last hour',
  description:
    'Generated objects that somebody changed or deleted in the last hour and that were put right, by kind. Again and again: ' +
    'another tool manages them too.',
  unit: 'locale',
  query: { ask: operator.driftOfHour, legend: '{{kind}}' },
  steps: failureSteps,
  whenEmpty: 'No operator is scraped',
});

export const driftTimelinePanel = buildTimeSeries({
  title: 'Drift repaired over time',
  description: 'Objects put right a second, by kind. A regular pattern is a machine, a single peak a hand.',
  unit: 'ops',
  queries: [{ ask: operator.driftRate, legend: '{{kind}}' }],
  stacked: true,
  whenEmpty: 'No operator is scraped',
});

export const apiRequestsPanel = buildTimeSeries({
  title: 'API requests by verb and code',
  description:
    'Requests to the API server a second. At rest there are only watches that are renewed; applies without a change of any ' +
    'resource: drift, or an object that never settles.',
  unit: 'reqps',
  queries: [{ ask: operator.requestRate, legend: '{{verb}} {{code}}' }],
  stacked: true,
  whenEmpty: 'No requests',
});

export const apiErrorsPanel = buildTimeSeries({
  title: 'API errors by verb and code',
  description:
    'Requests to the API server that failed a second. 0: no answer; 403: a right is missing; 409: a conflict; 410: a watch too ' +
    'old, which lists again; 429: the server sheds load.',
  unit: 'reqps',
  queries: [{ ask: operator.requestErrorRate, legend: '{{verb}} {{code}}' }],
  stacked: true,
  whenEmpty: 'No request failed',
});

export const watchAgePanel = buildTimeSeries({
  title: 'Age of the watches',
  description:
    'Time since a watch last heard from the API server, by resource. Each is renewed within 35 s: a line ' +
    'that climbs beyond is a watch that died in silence, and changes go unseen.',
  unit: 's',
  queries: [{ ask: operator.watchAge, legend: '{{resource}}' }],
  whenEmpty: 'No operator is scraped',
});

export const prometheusPollsPanel = buildTimeSeries({
  title: 'Questions to Prometheus',
  description:
    'How often a second the operator asked Prometheus what is scraped, loaded and firing. Errors: its address is wrong, or a ' +
    'network policy is in the way; the status of resources then lacks what only Prometheus knows.',
  unit: 'ops',
  queries: [{ ask: operator.prometheusPollRate, legend: '{{result}}' }],
  stacked: true,
  colours: { '/^success$/': palette.good, '/^error$/': palette.bad },
  whenEmpty: 'It is not told of a Prometheus, or no operator is scraped',
});
