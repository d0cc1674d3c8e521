/** Alerts on the operator: does it run, does it lead, and does it keep up with the TradingPipelines? */
import { max, quantile, sum } from '#base/promql/build-promql.ts';
import type { OperatorAlertDefinition, Runbook } from './alert.ts';
import { growthOfOperator, seriesOfOperator } from './expressions.ts';

/**
 * How far OperatorStuck looks back for a reconcile while resources wait in the queue. The operator takes work from the queue
 * within milliseconds, so five minutes without a reconcile mean that it is stuck.
 */
const WAITING_WINDOW = '5m';

const reconciles = 'tradingpipeline_controller_reconciles_total';

export const operatorAlerts = {
  OperatorDown: {
    about: 'No operator answers its scrapes, or it has vanished from discovery',
    severity: 'critical',
    for: '2m',
    expr: (scope) => `absent(${seriesOfOperator(scope, 'up')} == 1)`,
    summary: 'The operator is down',
    description: ({ namespace }) =>
      `Prometheus scrapes no operator in ${namespace}. What it made goes on working; nothing new is made and nothing is put right.`,
  },

  OperatorLeadership: {
    about: 'Operators run, and not exactly one of them leads',
    severity: 'critical',
    for: '1m',
    expr: (scope) => `${sum(seriesOfOperator(scope, 'tradingpipeline_controller_leader'))} != 1`,
    summary: 'Not exactly one operator leads',
    description: () =>
      '{{ if eq $value 0.0 }}No operator holds the Lease: none of them writes anything.' +
      '{{ else }}{{ $value }} operators lead at once: they write over each other.{{ end }}',
  },

  OperatorStuck: {
    about: 'Resources wait, or exist, and the operator has not reconciled one',
    severity: 'critical',
    for: '5m',
    window: '30m',
    expr: (scope) => {
      const waiting = sum(seriesOfOperator(scope, 'tradingpipeline_controller_queue_depth'));
      const known = sum(seriesOfOperator(scope, 'tradingpipeline_controller_resources'));
      const idle = (window: string) => `unless on () (${growthOfOperator({ ...scope, window }, reconciles)} > 0)`;
      return `(${waiting} > 0 ${idle(WAITING_WINDOW)})\nor\n(${known} > 0 ${idle(scope.window)})`;
    },
    summary: 'The operator does not work',
    description: ({ window }) =>
      `Resources wait in the queue and none was reconciled for ${WAITING_WINDOW}, or there are resources and none was reconciled for ${window}, though each is looked at every ten minutes.`,
  },

  OperatorWatchOld: {
    about: 'A watch has heard nothing from the API server for this many seconds',
    severity: 'warning',
    for: '1m',
    threshold: 60,
    unit: 'seconds',
    expr: (scope) =>
      `${max(seriesOfOperator(scope, 'tradingpipeline_controller_watch_age_seconds'), ['resource'])} > ${scope.threshold}`,
    summary: 'The operator does not see changes of {{ $labels.resource }}',
    description: ({ threshold }) =>
      `Its watch has heard nothing from the API server for {{ $value | humanizeDuration }} (limit ${threshold}s).`,
  },

  OperatorReconcileErrors: {
    about: 'More than this share of the reconciles fails',
    severity: 'warning',
    for: '10m',
    threshold: 0.1,
    unit: 'share',
    minVolume: 5,
    window: '15m',
    expr: (scope) => {
      const all = growthOfOperator(scope, reconciles);
      return `${growthOfOperator(scope, reconciles, { result: 'error' })} / ${all} > ${scope.threshold}\nand\n${all} >= ${scope.minVolume}`;
    },
    summary: 'Reconciles fail',
    description: ({ threshold, window }) =>
      `{{ $value | humanizePercentage }} of the reconciles of the last ${window} failed (limit ${threshold * 100}%). They are tried again, ever later.`,
  },

  OperatorQueueSlow: {
    about: 'The 99th percentile of the time that a resource waits for its reconcile is above this many seconds',
    severity: 'warning',
    for: '15m',
    threshold: 2,
    unit: 'seconds',
    window: '10m',
    expr: (scope) => {
      const buckets = growthOfOperator(scope, 'tradingpipeline_controller_queue_latency_seconds_bucket', {}, ['le']);
      return `${quantile(0.99, buckets)} > ${scope.threshold}`;
    },
    summary: 'Changes wait long for the operator',
    description: ({ threshold, window }) =>
      `One resource in a hundred of the last ${window} waited for more than {{ $value | humanizeDuration }} (limit ${threshold}s).`,
  },

  OperatorResourcesNotReady: {
    about: 'TradingPipelines have not been Ready for long',
    severity: 'warning',
    for: '30m',
    expr: (scope) => `${max(seriesOfOperator(scope, 'tradingpipeline_controller_resources', { ready: 'False' }))} > 0`,
    summary: 'TradingPipelines are not Ready',
    description: () => '{{ $value }} of them are not Ready; kubectl get tp -A names them and says why.',
  },
} as const satisfies Record<string, OperatorAlertDefinition>;

export const operatorRunbooks = {
  OperatorDown: {
    means:
      'Prometheus scrapes no operator: no replica answers `/metrics`, or none is found. The alerts on the ' +
      'operator (all that begin with Operator) belong to no TradingPipeline. They are in ' +
      '`controller/manifests/self-monitoring.yaml`, so they still work when the operator does not. `OPS` below ' +
      'is its namespace, `trading-platform` by default.',
    feels:
      'Nothing at first: all generated objects keep working. Later, new resources do nothing, deleted rules ' +
      'stay away, and the status of resources is old.',
    look: [
      'Is there a target? No series means no target: its Service or ServiceMonitor does not fit. 0 means a ' +
        'process that does not answer.',
      { promql: 'up{job="controller"}' },
      {
        sh:
          'kubectl -n $OPS get pods,endpointslices -l app.kubernetes.io/name=controller\n' +
          'kubectl -n $OPS logs deploy/controller --previous --tail=50',
      },
    ],
    remedy: [
      'The pod crashes: read its last log line, it names the reason, such as a wrong variable or a missing ' +
        'kubeconfig.',
      'The pod was killed for its memory: raise the limit.',
      'The pod runs and is not ready: `/readyz` names the cache that is not synced. Usually a permission or a ' +
        'CustomResourceDefinition is missing.',
    ],
    silence: 'For an hour at most, during a planned stop of the operator.',
  },

  OperatorLeadership: {
    means:
      'Operators run, and none of them leads, or more than one leads. Exactly one must lead: the holder of the ' +
      'Lease `tradingpipeline-controller`.',
    feels: 'None leads: the same as without an operator. Two lead: objects change back and forth.',
    look: [
      'Who holds the Lease, and who claims to lead?',
      { promql: 'tradingpipeline_controller_leader' },
      {
        sh:
          'kubectl -n $OPS get lease tradingpipeline-controller -o yaml\n' +
          'kubectl -n $OPS logs deploy/controller | grep -i lease',
      },
    ],
    remedy: [
      'None leads: the Role `controller-leader-election` is missing, or the API server does not answer (follow ' +
        'OperatorApiErrors). If the holder of the Lease is gone, wait: the Lease expires within 15 s.',
      'Two lead: a Deployment with several replicas has `LEADER_ELECTION=false`, or two Deployments in one ' +
        'namespace have different `LEASE_NAME`s. Give each Deployment its own namespace.',
    ],
    silence: 'Never for longer than an upgrade takes.',
  },

  OperatorStuck: {
    means:
      'Resources wait in the queue and none was reconciled for five minutes. Or there are resources and none ' +
      'was reconciled for half an hour, although each is reconciled every ten minutes (`RESYNC_MS`; a value ' +
      'above half an hour makes this alert fire for no reason).',
    feels: 'Resources that they apply have no effect.',
    look: [
      'Does it wait for work, or does its work never end?',
      { promql: 'tradingpipeline_controller_queue_depth' },
      { promql: 'sum by (result) (rate(tradingpipeline_controller_reconciles_total[5m]))' },
    ],
    remedy: [
      'OperatorLeadership or OperatorApiErrors fires too: follow that one first. Without a leader or an API ' +
        'server nothing can continue.',
      'Neither fires: save the log, then run `kubectl -n $OPS rollout restart deploy/controller`, and report it ' +
        'with the log.',
    ],
    silence: 'While the API server is being repaired.',
  },

  OperatorWatchOld: {
    means:
      'A watch has heard nothing from the API server for more than a minute. A healthy watch ends and begins ' +
      'again within 35 s, even if nothing changes.',
    feels:
      'The operator does not see changes of that kind. `tradingpipelines`: it misses the resources they apply. ' +
      'Other kinds: it does not repair drift.',
    look: [
      'Is it one kind or all?',
      { promql: 'max by (resource) (tradingpipeline_controller_watch_age_seconds)' },
      { promql: 'sum by (code) (rate(tradingpipeline_controller_api_requests_total{verb=~"list|watch"}[5m]))' },
    ],
    remedy: [
      'All kinds: check the API server and the network to it.',
      'One kind, code 403: grant list and watch on it in the ClusterRole.',
      'One kind, code 404: install its CustomResourceDefinition. `servicemonitors`, `prometheusrules` and ' +
        '`prometheuses` come with prometheus-operator.',
      'The cause is gone: do nothing. The watch resumes by itself.',
    ],
    silence: 'While the API server is being repaired.',
  },

  OperatorReconcileErrors: {
    means:
      'More than a tenth of the reconciles of the last quarter of an hour failed. A failed reconcile is tried ' +
      'again, first after 0.2 s, then at growing intervals of up to two minutes.',
    feels: 'Their resource is not Ready, or has no effect.',
    look: [
      'Do a few resources always fail, or do all fail now and then?',
      { promql: 'sum by (result) (rate(tradingpipeline_controller_reconciles_total[5m]))' },
      {
        sh: 'kubectl get tp -A\n' + "kubectl -n $OPS logs deploy/controller | grep 'reconcile failed' | tail",
      },
    ],
    remedy: [
      'One resource fails: its condition Ready says why, and `tradingpipeline doctor <name>` says more.',
      'The API server refuses writes: a permission is missing (403), or a quota or an admission webhook is in ' +
        'the way. The message names it.',
      'All fail: follow OperatorApiErrors.',
    ],
    silence: 'While the owner of the one resource corrects it.',
  },

  OperatorQueueSlow: {
    means:
      'One resource in a hundred waits longer than 2 s before the operator begins to reconcile it. Changes by ' +
      'users come before the regular resync of all resources, so a large number of resources alone does not ' +
      'cause this.',
    feels: '`kubectl apply` takes effect late.',
    look: [
      'Is each reconcile slow, or are there too many?',
      {
        promql:
          'histogram_quantile(0.95, sum by (le) (rate(tradingpipeline_controller_reconcile_duration_seconds_bucket[5m])))',
      },
      { promql: 'sum(tradingpipeline_controller_queue_depth)' },
    ],
    remedy: [
      'Each is slow: the API server is slow (follow OperatorApiErrors), or the operator has no CPU left. Raise ' +
        'its limit.',
      'There are too many: somebody applies the same resources again and again, or others change generated ' +
        'objects (follow OperatorDriftStorm).',
    ],
    silence: 'During a planned change of all resources.',
  },

  OperatorResourcesNotReady: {
    means: 'For half an hour there have been TradingPipelines that are not Ready. Paused ones do not count.',
    feels: 'Part of what the resource asks for is missing.',
    look: [
      'How many are not Ready, and which?',
      { promql: 'max by (ready) (tradingpipeline_controller_resources)' },
      {
        sh: 'kubectl get tp -A\n' + 'tradingpipeline doctor -A',
      },
    ],
    remedy:
      'Read the condition Ready of each resource: it gives a reason. docs/conditions.md says what to do about ' +
      'each reason.',
    silence: 'Until its owner is back, if the resource is known and harms nobody.',
  },
} as const satisfies Record<keyof typeof operatorAlerts, Runbook>;
