/**
 * Alerts on the operator's relations to others: the API server, Prometheus, and other writers of the objects that the
 * operator writes.
 */
import type { OperatorAlertDefinition, Runbook } from './alert.ts';
import { growthOfOperator } from './expressions.ts';

/**
 * Status codes of failed requests: no response (0), a missing permission, a server that sheds load, or an internal
 * error of the server. A conflict (409) and a watch that is too far behind (410) are normal, so they are not listed.
 */
const FAILED_CODES = ['0', '401', '403', '429', '500', '502', '503', '504'];

const requests = 'tradingpipeline_controller_api_requests_total';
const polls = 'tradingpipeline_controller_prometheus_polls_total';

export const operatorPeerAlerts = {
  OperatorApiErrors: {
    about: 'More than this share of the requests to the API server is refused, throttled or not answered',
    severity: 'warning',
    for: '10m',
    threshold: 0.05,
    unit: 'share',
    window: '10m',
    expr: (scope) => {
      const failed = growthOfOperator(scope, requests, { code: FAILED_CODES }, ['code']);
      return `${failed} / on () group_left () ${growthOfOperator(scope, requests)} > ${scope.threshold}`;
    },
    summary: 'The API server fails the operator (code {{ $labels.code }})',
    description: ({ threshold, window }) =>
      `{{ $value | humanizePercentage }} of the requests of the last ${window} ended with {{ $labels.code }} (0: no answer; limit ${threshold * 100}%).`,
  },

  OperatorPrometheusSilent: {
    about: 'The Prometheus that the operator asks has not answered once',
    severity: 'warning',
    for: '5m',
    window: '5m',
    expr: (scope) => {
      const asked = (result: 'success' | 'error') => growthOfOperator(scope, polls, { result });
      return `${asked('error')} > 0\nunless on ()\n(${asked('success')} > 0)`;
    },
    summary: 'The operator gets no answer from Prometheus',
    description: ({ window }) =>
      `It asked {{ $value | printf "%.0f" }} times in the last ${window} in vain: what is scraped, loaded and firing is missing in every status.`,
  },

  OperatorConflictStorm: {
    about: 'The API server refuses more than this many writes of one kind as conflicts, again and again',
    severity: 'warning',
    for: '15m',
    threshold: 20,
    unit: 'writes',
    window: '15m',
    expr: (scope) => {
      return `${growthOfOperator(scope, 'tradingpipeline_controller_conflicts_total', {}, ['kind'])} > ${scope.threshold}`;
    },
    summary: 'Another writer quarrels with the operator over {{ $labels.kind }}',
    description: ({ threshold, window }) =>
      `The API server refused {{ $value | printf "%.0f" }} writes of the last ${window}, as the object had changed (limit ${threshold}).`,
  },

  OperatorDriftStorm: {
    about: 'More than this many generated objects of one kind are changed by others and put right, again and again',
    severity: 'warning',
    for: '15m',
    threshold: 10,
    unit: 'objects',
    window: '15m',
    expr: (scope) => {
      return `${growthOfOperator(scope, 'tradingpipeline_controller_drift_repaired_total', {}, ['kind'])} > ${scope.threshold}`;
    },
    summary: 'Another tool changes what the operator makes: {{ $labels.kind }}',
    description: ({ threshold, window }) =>
      `{{ $value | printf "%.0f" }} objects were changed and put right in the last ${window} (limit ${threshold}).`,
  },
} as const satisfies Record<string, OperatorAlertDefinition>;

export const operatorPeerRunbooks = {
  OperatorApiErrors: {
    means:
      'More than one in twenty requests to the API server ended with the code in the label `code`. 0: no ' +
      'answer. 401 or 403: the token or a permission. 429: the server sheds load. 5xx: an error of the server.',
    feels: 'Delay. With 403, something is never done.',
    look: [
      'Which verb fails, and since when?',
      { promql: 'sum by (verb, code) (rate(tradingpipeline_controller_api_requests_total[5m]))' },
    ],
    remedy: [
      '403: apply `controller/manifests/rbac.yaml` or the chart again. The log names the kind.',
      '429: find out who else sends so many requests (`apiserver_flowcontrol_rejected_requests_total`). The ' +
        'operator sends two a second at rest, and waits as `Retry-After` says.',
      "0 or 5xx: check the API server, its etcd, and the network policy of the operator's namespace.",
    ],
    silence: 'While the API server is being repaired or upgraded.',
  },

  OperatorPrometheusSilent: {
    means:
      'The operator asks a Prometheus (`PROMETHEUS_URL`) for targets, loaded rules and firing alerts, and has ' +
      'had no answer for five minutes. Since this alert fires, a Prometheus is running: the address is wrong, ' +
      'or something blocks the way.',
    feels: 'The conditions TargetsUp and RulesLoaded are Unknown, and figures are missing in `kubectl get tp`.',
    look: [
      'Does every poll fail, or do some?',
      { promql: 'sum by (result) (rate(tradingpipeline_controller_prometheus_polls_total[5m]))' },
      {
        sh:
          "kubectl -n $OPS logs deploy/controller | grep 'Prometheus does not answer' | tail -1\n" +
          'kubectl -n $OPS get deploy controller -o yaml | grep -A1 PROMETHEUS_URL',
      },
    ],
    remedy: [
      'The address is wrong: the log line names the address and the error. In a cluster it is usually ' +
        '`http://prometheus-operated.<namespace>:9090`.',
      'A network policy is in the way: let the operator out and Prometheus in.',
      'Prometheus asks for a login: put user and password into the URL.',
    ],
    silence: 'During an upgrade of Prometheus.',
  },

  OperatorConflictStorm: {
    means:
      'In a quarter of an hour the API server refused more than twenty writes of one kind, because the object ' +
      'had changed meanwhile.',
    feels: 'Nothing, or objects that change back and forth.',
    look: [
      'Which kind is it, and who else writes it?',
      { promql: 'sum by (kind) (increase(tradingpipeline_controller_conflicts_total[15m]))' },
      { sh: "kubectl get <kind> <name> -o yaml --show-managed-fields | grep -E 'manager:|time:'" },
    ],
    remedy:
      'Another writer owns the same object: a second operator (follow OperatorLeadership), or a GitOps tool ' +
      'that manages the generated objects. Take these objects out of the other tool; it should manage the ' +
      'TradingPipeline.',
    silence: 'During an upgrade of the operator.',
  },

  OperatorDriftStorm: {
    means:
      'In a quarter of an hour others changed or deleted more than ten generated objects of one kind, and the ' +
      'operator restored them each time.',
    feels: 'Their edits disappear, and alerts or dashboards flicker.',
    look: [
      "Which kind is it, and do the changes come at regular intervals, like a machine's?",
      { promql: 'sum by (kind) (increase(tradingpipeline_controller_drift_repaired_total[15m]))' },
      {
        sh:
          'kubectl get events -A --field-selector reason=FieldsTakenBack\n' +
          'kubectl -n $OPS logs deploy/controller | grep -i drift | tail\n' +
          "kubectl get <kind> <name> -o yaml --show-managed-fields | grep -E 'manager:|time:'",
      },
    ],
    remedy: [
      'The Events, the condition ForeignFields and the managed fields name the other manager: move its changes into the TradingPipeline ' +
        '(`spec.alerts.labels`, `spec.dashboards.labels`).',
      'It is Argo CD: exclude the generated objects from pruning.',
      'For a while: pause that resource with the annotation `trading-platform.dev/paused: "true"`.',
    ],
    silence: 'While somebody edits by hand and knows that the edits will be undone.',
  },
} as const satisfies Record<keyof typeof operatorPeerAlerts, Runbook>;
