/** Panels about the actions of users, and about the API's responses. No metric names a user. */
import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, failureSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import * as api from '../queries/api.ts';
import { executionsByTriggerPanel } from './execution-panels.ts';
import { buildBudgetPanel, buildBurnPanel } from './objective-panels.ts';

const actionsPanel = buildBars({
  title: 'Actions by kind',
  description: 'Actions of users within the summary window, including attempts that failed.',
  unit: 'locale',
  query: { ask: api.actionsOfWindow, legend: '{{action}}' },
  steps: amountSteps,
  whenEmpty: 'No backend reports actions',
});

const actionTimelinePanel = buildTimeSeries({
  title: 'User actions',
  description:
    'Actions of users per second, by kind. A peak of one kind comes from a script, or from a user who repeats an ' +
    'action that seems not to work.',
  unit: 'ops',
  queries: [{ ask: api.actionRate, legend: '{{action}}' }],
  stacked: true,
  whenEmpty: 'No backend reports actions',
});

const failedActionsPanel = buildBars({
  title: 'Failed actions by kind',
  description:
    'Actions within the summary window that failed, whether the input was refused or the platform had a fault. The ' +
    "backend's log has the reason of each.",
  unit: 'locale',
  query: { ask: api.failedActions, legend: '{{action}}' },
  steps: failureSteps,
  whenEmpty: 'No action failed',
});

const requestsPanel = buildTimeSeries({
  title: 'API requests by route',
  description:
    'Requests answered per second, by method and route. If one route is far above the others, a client polls it; it ' +
    'could use the WebSocket instead.',
  unit: 'reqps',
  queries: [{ ask: api.requestRate, legend: '{{method}} {{route}}' }],
  stacked: true,
  whenEmpty: 'No requests',
});

const requestsByStatusPanel = buildTimeSeries({
  title: 'API requests by status code',
  description:
    'Requests answered per second, by status code. 4xx: the request was refused. 429: one client sends too many ' +
    'requests. 5xx: a fault of the platform.',
  unit: 'reqps',
  queries: [{ ask: api.requestRateByStatus, legend: '{{status_code}}' }],
  stacked: true,
  colours: { '/^5..$/': palette.bad, '/^4..$/': palette.aside },
  whenEmpty: 'No requests',
});

const activeRequestsPanel = buildStat({
  title: 'Requests being answered',
  description:
    'Requests in progress now, on all backends together. If it is high while there are few requests per second, the ' +
    'backends wait for something slow.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: api.activeRequests }],
  steps: amountSteps,
  history: true,
  whenEmpty: '0',
});

const errorRatePanel = buildTimeSeries({
  title: 'API error rate',
  description:
    'Share of requests answered with 5xx (faults of the platform) and with 4xx (refused). The dashed line is the ' +
    'share of 5xx that the objective allows. A gap means no requests.',
  unit: 'percentunit',
  queries: [
    { ask: api.serverErrorShare, legend: '5xx' },
    { ask: api.clientErrorShare, legend: '4xx' },
  ],
  limit: Number((1 - objectives['api-availability'].target).toPrecision(12)),
  colours: { '/^5..$/': palette.bad, '/^4..$/': palette.aside },
  whenEmpty: 'No requests',
});

const requestDurationPanel = buildQuantiles({
  title: 'API duration P50, P95, P99',
  description:
    'Time from the first byte of a request to the last byte of its answer. If only P99 is high, a few routes are ' +
    'slow: see the slowest routes. If all three are high, look at the database and the CPU.',
  unit: 's',
  of: [api.requestP50, api.requestP95, api.requestP99],
  whenEmpty: 'No requests',
});

const sizePanel = buildTimeSeries({
  title: 'Size of requests and answers, P95',
  description:
    '95 % of the bodies are smaller than this. If answers grow with the data, a list is not paged, and its route ' +
    'will become slow.',
  unit: 'bytes',
  queries: [
    { ask: api.requestBytesP95, legend: 'requests' },
    { ask: api.responseBytesP95, legend: 'answers' },
  ],
  whenEmpty: 'No requests',
});

const slowestRoutesPanel = buildBars({
  title: 'Slowest routes, P95',
  description:
    'The ten slowest routes of the summary window. 95 % of the requests to a route were answered faster than this.',
  unit: 's',
  query: { ask: api.slowestRoutes, legend: '{{method}} {{route}}' },
  steps: amountSteps,
  whenEmpty: 'No requests',
});

export const actionsSection: Section = {
  title: 'Actions',
  lines: [buildLine(8, [actionsPanel, 8], [actionTimelinePanel, 8], [executionsByTriggerPanel, 8])],
};

export const requestsSection: Section = {
  title: 'Requests',
  lines: [buildLine(9, [requestsPanel, 12], [requestsByStatusPanel, 8], [activeRequestsPanel, 4])],
};

export const requestErrorsSection: Section = {
  title: 'Errors',
  lines: [
    buildLine(
      8,
      [errorRatePanel, 7],
      [failedActionsPanel, 5],
      [buildBudgetPanel(['api-availability']), 4],
      [buildBurnPanel(['api-availability']), 8],
    ),
  ],
};

export const requestDurationSection: Section = {
  title: 'Duration and size',
  lines: [buildLine(8, [requestDurationPanel, 8], [slowestRoutesPanel, 8], [sizePanel, 8])],
};
