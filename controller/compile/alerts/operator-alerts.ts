/**
 * What the alerts on the operator itself ask Prometheus and say to people. Pure. In: the namespace the operator runs in. Out:
 * rules. Of several replicas one leads and works, and all watch: what they count is summed, what they see is taken once.
 */

import { alertLabels } from '#catalogue/alerts.ts';
import { type OperatorAlertName, operatorAlertDefinition, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { CONTROLLER } from '#catalogue/services.ts';
import { growth, type Matchers, quantile, type SeriesName, series, sum } from '../promql/promql.ts';
import type { AlertRule } from './alert-rule.ts';
import { buildDashboardUrl } from './dashboard-link.ts';

/** Where the operator is, and the catalogue's limits of one alert. */
interface OperatorAlertScope {
  readonly namespace: string;
  readonly threshold: number;
  readonly minVolume: number;
  readonly window: string;
}

interface OperatorAlertRecipe {
  readonly expr: (scope: OperatorAlertScope) => string;
  readonly summary: string;
  /** May use templates of Prometheus. */
  readonly description: (scope: OperatorAlertScope) => string;
}

export interface OperatorAlertSubject {
  /** Of the operator's pods. */
  readonly namespace: string;
  readonly runbookBaseUrl: string;
}

export function buildOperatorAlerts(subject: OperatorAlertSubject): AlertRule[] {
  return operatorAlertNames.map((name) => buildRule(name, subject));
}

function buildRule(name: OperatorAlertName, { namespace, runbookBaseUrl }: OperatorAlertSubject): AlertRule {
  const { severity, for: duration, threshold = 0, minVolume = 0, window = '' } = operatorAlertDefinition(name);
  const { expr, summary, description } = operatorAlertRecipes[name];
  const scope: OperatorAlertScope = { namespace, threshold, minVolume, window };
  const labels = {
    [alertLabels.severity]: severity,
    [alertLabels.service]: CONTROLLER,
    [alertLabels.namespace]: namespace,
  };
  const annotations = {
    summary,
    description: description(scope),
    runbook_url: `${runbookBaseUrl}#${name.toLowerCase()}`,
    dashboard_url: buildOperatorDashboardUrl(namespace),
  };
  return { alert: name, expr: expr(scope), for: duration, labels, annotations };
}

function buildOperatorDashboardUrl(namespace: string): string {
  const owner = { namespace, name: CONTROLLER, uid: '' };
  return buildDashboardUrl('operator', { operator_namespace: namespace }, { owner, qualified: new Set() });
}

/** No answer, no right, no room, or an error of the server's own. A conflict and a watch too far behind are normal. */
const FAILED_CODES = ['0', '401', '403', '429', '500', '502', '503', '504'];
/** Work that waits is taken up within milliseconds: minutes without any are enough to tell. */
const WAITING_WINDOW = '5m';

function ofOperator({ namespace }: OperatorAlertScope, metric: SeriesName, matchers: Matchers = {}): string {
  return series(metric, { job: CONTROLLER, namespace, ...matchers });
}

function counted(scope: OperatorAlertScope, metric: SeriesName, matchers: Matchers = {}, by?: readonly string[]) {
  return sum(growth(ofOperator(scope, metric, matchers), scope.window), by);
}

const reconciles = 'tradingpipeline_controller_reconciles_total';
const requests = 'tradingpipeline_controller_api_requests_total';
const polls = 'tradingpipeline_controller_prometheus_polls_total';

const operatorAlertRecipes: Readonly<Record<OperatorAlertName, OperatorAlertRecipe>> = {
  OperatorDown: {
    expr: (scope) => `absent(${ofOperator(scope, 'up')} == 1)`,
    summary: 'The operator is down',
    description: ({ namespace }) =>
      `Prometheus scrapes no operator in ${namespace}. What it made goes on working; nothing new is made and nothing is put right.`,
  },

  OperatorLeadership: {
    expr: (scope) => `${sum(ofOperator(scope, 'tradingpipeline_controller_leader'))} != 1`,
    summary: 'Not exactly one operator leads',
    description: () =>
      '{{ if eq $value 0.0 }}No operator holds the Lease: none of them writes anything.' +
      '{{ else }}{{ $value }} operators lead at once: they write over each other.{{ end }}',
  },

  OperatorStuck: {
    expr: (scope) => {
      const waiting = sum(ofOperator(scope, 'tradingpipeline_controller_queue_depth'));
      const known = sum(ofOperator(scope, 'tradingpipeline_controller_resources'));
      const idle = (window: string) => `unless on () (${counted({ ...scope, window }, reconciles)} > 0)`;
      return `(${waiting} > 0 ${idle(WAITING_WINDOW)})\nor\n(${known} > 0 ${idle(scope.window)})`;
    },
    summary: 'The operator does not work',
    description: ({ window }) =>
      `Resources wait in the queue and none was reconciled for ${WAITING_WINDOW}, or there are resources and none was reconciled for ${window}, though each is looked at every ten minutes.`,
  },

  OperatorWatchOld: {
    expr: (scope) =>
      `max by (resource) (${ofOperator(scope, 'tradingpipeline_controller_watch_age_seconds')}) > ${scope.threshold}`,
    summary: 'The operator does not see changes of {{ $labels.resource }}',
    description: ({ threshold }) =>
      `Its watch has heard nothing from the API server for {{ $value | humanizeDuration }} (limit ${threshold}s).`,
  },

  OperatorReconcileErrors: {
    expr: (scope) => {
      const all = counted(scope, reconciles);
      return `${counted(scope, reconciles, { result: 'error' })} / ${all} > ${scope.threshold}\nand\n${all} >= ${scope.minVolume}`;
    },
    summary: 'Reconciles fail',
    description: ({ threshold, window }) =>
      `{{ $value | humanizePercentage }} of the reconciles of the last ${window} failed (limit ${threshold * 100}%). They are tried again, ever later.`,
  },

  OperatorQueueSlow: {
    expr: (scope) => {
      const buckets = counted(scope, 'tradingpipeline_controller_queue_latency_seconds_bucket', {}, ['le']);
      return `${quantile(0.99, buckets)} > ${scope.threshold}`;
    },
    summary: 'Changes wait long for the operator',
    description: ({ threshold, window }) =>
      `One resource in a hundred of the last ${window} waited for more than {{ $value | humanizeDuration }} (limit ${threshold}s).`,
  },

  OperatorResourcesNotReady: {
    expr: (scope) => `max(${ofOperator(scope, 'tradingpipeline_controller_resources', { ready: 'False' })}) > 0`,
    summary: 'TradingPipelines are not Ready',
    description: () => '{{ $value }} of them are not Ready; kubectl get tp -A names them and says why.',
  },

  OperatorApiErrors: {
    expr: (scope) => {
      const failed = counted(scope, requests, { code: FAILED_CODES }, ['code']);
      return `${failed} / on () group_left () ${counted(scope, requests)} > ${scope.threshold}`;
    },
    summary: 'The API server fails the operator (code {{ $labels.code }})',
    description: ({ threshold, window }) =>
      `{{ $value | humanizePercentage }} of the requests of the last ${window} ended with {{ $labels.code }} (0: no answer; limit ${threshold * 100}%).`,
  },

  OperatorPrometheusSilent: {
    expr: (scope) => {
      const asked = (result: string) => counted(scope, polls, { result });
      return `${asked('error')} > 0\nunless on ()\n(${asked('success')} > 0)`;
    },
    summary: 'The operator gets no answer from Prometheus',
    description: ({ window }) =>
      `It asked {{ $value | printf "%.0f" }} times in the last ${window} in vain: what is scraped, loaded and firing is missing in every status.`,
  },

  OperatorConflictStorm: {
    expr: (scope) => {
      return `${counted(scope, 'tradingpipeline_controller_conflicts_total', {}, ['kind'])} > ${scope.threshold}`;
    },
    summary: 'Another writer quarrels with the operator over {{ $labels.kind }}',
    description: ({ threshold, window }) =>
      `The API server refused {{ $value | printf "%.0f" }} writes of the last ${window}, as the object had changed (limit ${threshold}).`,
  },

  OperatorDriftStorm: {
    expr: (scope) => {
      return `${counted(scope, 'tradingpipeline_controller_drift_repaired_total', {}, ['kind'])} > ${scope.threshold}`;
    },
    summary: 'Another tool changes what the operator makes: {{ $labels.kind }}',
    description: ({ threshold, window }) =>
      `{{ $value | printf "%.0f" }} objects were changed and put right in the last ${window} (limit ${threshold}).`,
  },
};
