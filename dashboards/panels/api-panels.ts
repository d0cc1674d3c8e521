import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import * as api from '../queries/api.ts';

/** What users do, and how the API answers them. Never who: no metric has a user in it. */
export const actionsPanel = buildBars({
  title: 'Actions by kind',
  description: 'What users did within the summary window, failed attempts included.',
  unit: 'locale',
  query: { ask: api.actionsOfWindow, legend: '{{action}}' },
  steps: amountSteps,
  whenEmpty: 'No backend reports actions',
});

export const actionTimelinePanel = buildTimeSeries({
  title: 'User actions',
  description:
    'What users did a second, by kind. A peak of one kind: a script, or a button that does not seem to work.',
  unit: 'ops',
  queries: [{ ask: api.actionRate, legend: '{{action}}' }],
  stacked: true,
  whenEmpty: 'No backend reports actions',
});

export const failedActionsPanel = buildBars({
  title: 'Failed actions by kind',
  description:
    "Actions within the summary window that did not succeed: refused input as well as faults. The backend's log names each reason.",
  unit: 'locale',
  query: { ask: api.failedActions, legend: '{{action}}' },
  steps: failureSteps,
  whenEmpty: 'No action failed',
});

export const requestsPanel = buildTimeSeries({
  title: 'API requests by route',
  description:
    'Requests answered a second, by method and route. One route far above the others: a client polls; it could listen to the ' +
    'WebSocket.',
  unit: 'reqps',
  queries: [{ ask: api.requestRate, legend: '{{method}} {{route}}' }],
  stacked: true,
  whenEmpty: 'No requests',
});

export const requestsByStatusPanel = buildTimeSeries({
  title: 'API requests by status code',
  description:
    'Requests answered a second, by status code. 4xx: what clients send is refused; 429: one of them asks too often; 5xx: ours.',
  unit: 'reqps',
  queries: [{ ask: api.requestRateByStatus, legend: '{{status_code}}' }],
  stacked: true,
  colours: { '/^5..$/': palette.bad, '/^4..$/': palette.aside },
  whenEmpty: 'No requests',
});

export const activeRequestsPanel = buildStat({
  title: 'Requests being answered',
  description:
    'Requests in hand now, all backends together. High with few requests a second: something they wait for is slow.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: api.activeRequests }],
  steps: amountSteps,
  history: true,
  whenEmpty: '0',
});

export const errorRatePanel = buildTimeSeries({
  title: 'API error rate',
  description:
    'Share of the requests answered with 5xx, our faults, and with 4xx, refused. The dashed line is what the objective allows ' +
    'of 5xx. A gap: no requests.',
  unit: 'percentunit',
  queries: [
    { ask: api.serverErrorShare, legend: '5xx' },
    { ask: api.clientErrorShare, legend: '4xx' },
  ],
  limit: Number((1 - objectives['api-availability'].target).toPrecision(12)),
  colours: { '/^5..$/': palette.bad, '/^4..$/': palette.aside },
  whenEmpty: 'No requests',
});

export const requestDurationPanel = buildQuantiles({
  title: 'API duration P50, P95, P99',
  description:
    'Time from the first byte of a request to the last of its answer. P99 alone high: a few routes, named beside; all three: ' +
    'the database or the CPU.',
  unit: 's',
  of: [api.requestP50, api.requestP95, api.requestP99],
  whenEmpty: 'No requests',
});

export const sizePanel = buildTimeSeries({
  title: 'Size of requests and answers, P95',
  description:
    'Size of the bodies; 95 % are smaller. Answers that grow with the data: a list without pages, and soon a slow route.',
  unit: 'bytes',
  queries: [
    { ask: api.requestBytesP95, legend: 'requests' },
    { ask: api.responseBytesP95, legend: 'answers' },
  ],
  whenEmpty: 'No requests',
});

export const slowestRoutesPanel = buildBars({
  title: 'Slowest routes, P95',
  description: 'The ten slowest routes of the summary window: 95 % of the requests to a route were faster than this.',
  unit: 's',
  query: { ask: api.slowestRoutes, legend: '{{method}} {{route}}' },
  steps: amountSteps,
  whenEmpty: 'No requests',
});
