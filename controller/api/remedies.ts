/**
 * The meaning of each condition, and the meaning and remedy of each reason. docs/conditions.md and docs/reference.md contain
 * these texts.
 */
import type { ConditionType, Reason } from './names.ts';

export const conditionMeanings: Readonly<Record<ConditionType, string>> = {
  Ready:
    'The controller has created everything that the resource asks for, and the backend has its pipeline. Prometheus does not count, nor does a backend that goes away later',
  Reconciling: 'Present while something is missing that can resolve by itself',
  Stalled: 'Present while something is wrong that a user must correct',
  ServicesResolved: 'Every listed service has a Service in the cluster with the right port',
  MonitorsSelected: 'A Prometheus object selects every ServiceMonitor of the resource',
  TargetsUp: 'Prometheus scrapes a target for every service, and each target answers. The message counts them: 3 of 4',
  RulesLoaded: 'Prometheus has loaded every rule group of the resource and evaluates it without errors',
  DashboardsReady: 'The ConfigMap of every dashboard exists, with the label that the Grafana sidecar looks for',
  PipelineRegistered: 'The backend has the pipeline as the resource declares it',
  SignalsEmitted:
    'Something emits the signals that start the pipeline, for each of its tickers. Present only for pipelines that signals start',
  Conflict:
    'Present while a service, an object name or a pipeline id that this resource needs belongs to another owner',
  ForeignFields:
    'Present while other field managers keep fields in generated objects. The message names each object, field and manager',
};

export const remedies: Readonly<Record<Reason, { readonly means: string; readonly remedy: string }>> = {
  Reconciled: { means: 'All objects are as the resource asks for', remedy: 'Nothing' },
  ServicesFound: { means: 'Every listed service exists and has its port', remedy: 'Nothing' },
  InvalidSpec: {
    means:
      'The spec violates a rule that the installed CRD does not enforce, because the CRD is older than the controller',
    remedy: 'Apply the CRD of this version, and correct the fields that the message names',
  },
  ServiceNotFound: {
    means: 'No Service in the namespace has the labels of the selector',
    remedy:
      'Create or label the Service (`kubectl get svc --show-labels`), or correct `selector`. The controller notices the change by itself',
  },
  PortNotFound: {
    means: 'The Service has no port of that name',
    remedy:
      'Name the port in the Service, or set `port` to one of the names in the message. The controller notices the change by itself',
  },
  RuleDoesNotParse: {
    means: 'Prometheus would refuse one of your own alerts, and with it every other rule in the same object',
    remedy:
      'Correct the field that the message names. If there was an earlier valid rule, it stays in force until then',
  },
  MetricNotFound: {
    means: 'One of your own alerts or objectives reads a metric or a label that does not exist, so it could never fire',
    remedy:
      'Correct the name: the message gives its position and the nearest known name. If the metric comes from elsewhere, or has labels that the platform does not set, list it under `spec.externalMetrics` by its name or a prefix. If there was an earlier valid rule, it stays in force until then',
  },
  NotEvents: {
    means:
      'A custom indicator counts something other than events: the value of a gauge, a counter since its start, a ratio, or a mixture of events and rates. `minEvents` and the error budget would mean nothing',
    remedy:
      'Write the expression that the message gives: a selector of counters, or `increase()` over `[$window]`. `rate()` over `[$window]` is converted. If there was an earlier valid rule, it stays in force until then',
  },
  RuleTooComplex: {
    means:
      'One of your own alerts or objectives nests too deeply or is too large to be checked, or all of them together are. The controller bounds this work, so that no resource holds up the others',
    remedy:
      'Shorten the field that the message names: fewer levels of brackets and operators, smaller repetitions in regular expressions; or move some rules to another resource. If there was an earlier valid rule, it stays in force until then',
  },
  BucketNotFound: {
    means:
      'One of your own alerts or objectives selects a bucket that its histogram does not have, so that it could never fire, or would count every event as bad',
    remedy:
      'Correct `le` to one of the bounds in the message; both spellings of a bound, 5 and 5.0, are matched. Until then the rule is left out, its last valid form stays in force, or the objective counts no events and fires no alert',
  },
  ServiceClaimed: {
    means: 'An older resource in the namespace lists the same service. With two resources it would be scraped twice',
    remedy: 'List each service in one resource only',
  },
  NameTaken: {
    means:
      'An object that the controller did not create already has the name that it needs. The controller leaves that object alone',
    remedy: 'Rename the resource or delete the other object. The controller checks again within two minutes',
  },
  Paused: {
    means:
      'The resource has the annotation `trading-platform.dev/paused: "true"`, so the controller writes nothing for it',
    remedy: 'Remove the annotation: `kubectl annotate tp NAME trading-platform.dev/paused-`',
  },
  ApplyRefused: {
    means: 'The API server refused an object, because of a quota, an admission webhook or a missing permission',
    remedy: 'Read the message, which the API server wrote. The controller tries again within two minutes',
  },
  FieldsContested: {
    means:
      'Another field manager changes or deletes a generated object again and again. The controller repairs the first five changes at once, the next ones after a pause that doubles up to 5 minutes. Until then the alerts of that object may be missing',
    remedy:
      'The message names the manager: stop it, or exclude objects with the label `app.kubernetes.io/managed-by: tradingpipeline-controller` from it. To keep its additions, set `spec.foreignFields: report`. A manager is unknown if it removed the field or deleted the object',
  },
  FieldsAdded: {
    means:
      'Another field manager has added fields to a generated object, and `spec.foreignFields: report`, or the policy `seed` of a dashboard, leaves them there. An added rule group that Prometheus refuses takes away all alerts of the resource',
    remedy:
      'Nothing, if the fields are wanted. To remove them, set `spec.foreignFields: remove`, or delete the object: the controller creates it again',
  },
  MonitorsPicked: {
    means: 'A Prometheus object in the cluster selects every ServiceMonitor of the resource',
    remedy: 'Nothing',
  },
  PrometheusNotFound: {
    means: 'The cluster has no Prometheus object, so ServiceMonitors lead to no scrapes',
    remedy:
      'Install prometheus-operator with a Prometheus; the chart does so through kube-prometheus-stack. If another agent reads ServiceMonitors, ignore this reason and look at TargetsUp, which shows what Prometheus scrapes',
  },
  LabelMissing: {
    means:
      'Prometheus objects exist, but none of their selectors matches the ServiceMonitors. Usually the label `release` is missing',
    remedy:
      'Set the label that the message names. `spec.labels`, such as `release: monitoring`, adds a label to every generated object; `kubectl label namespace` adds one to the namespace. Or widen the selectors of the Prometheus object: `serviceMonitorSelector: {}` and `serviceMonitorNamespaceSelector: {}`; in kube-prometheus-stack, `prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues: false`',
  },
  PrometheusObjectsUnreadable: {
    means:
      'The controller cannot list Prometheus objects or namespaces: either the CRD is missing, or the controller lacks the permission',
    remedy:
      'Apply the CRDs of prometheus-operator, or restore the ClusterRole of the controller. The controller reads again within seconds',
  },
  PrometheusNotConfigured: {
    means:
      'The controller does not know the address of Prometheus, so it cannot read which targets, rules and alerts there are',
    remedy:
      'Set PROMETHEUS_URL of the controller to the base URL of Prometheus, such as `http://prometheus-operated.monitoring:9090`',
  },
  PrometheusUnreachable: {
    means:
      'Prometheus failed to answer twice in a row. Its figures are left out of the status, because they may be out of date',
    remedy:
      'Read the message, which contains the URL and the error. Check that PROMETHEUS_URL is right, that Prometheus runs, and that no NetworkPolicy blocks the connection. The controller keeps asking',
  },
  WaitingForPrometheus: {
    means: 'The resource changed a moment ago, and Prometheus has not loaded the change yet',
    remedy:
      'Wait: prometheus-operator reloads Prometheus within a minute or two. After that the message names what is missing',
  },
  AllTargetsUp: {
    means: 'Prometheus scrapes every target of the resource, and each target answers',
    remedy: 'Nothing',
  },
  TargetsDown: {
    means: 'Prometheus scrapes the targets, but some scrapes fail. The message quotes the first errors of Prometheus',
    remedy:
      '`server returned HTTP status 404`: set `path` of the service to the path of its metrics. `connection refused`: the process is down or listens on another port; compare `port`. `context deadline exceeded`: the process is too slow, or a NetworkPolicy drops the connection',
  },
  TargetsMissing: {
    means: 'Prometheus has no target for a service',
    remedy:
      'First look at MonitorsSelected and ServicesResolved, which name what is missing. If both are True, the Service has no endpoints, Prometheus may not list EndpointSlices in the namespace, or prometheus-operator rejected the monitor (`kubectl describe servicemonitor`)',
  },
  RulesEvaluated: {
    means: 'Prometheus has loaded every rule group of the resource and evaluates it without errors',
    remedy: 'Nothing',
  },
  RulesNotLoaded: {
    means: 'Prometheus lacks a rule group of the resource, or has an older version of it',
    remedy:
      'If the message names a label, set it with `spec.labels`, or widen `ruleSelector` and `ruleNamespaceSelector` of the Prometheus object. Otherwise check `prometheus_config_last_reload_successful` and the log of prometheus-operator: a single invalid rule, of any owner, keeps Prometheus from loading the others. Groups whose names begin with `trading-platform.pipeline-objectives` come with the operator: the PrometheusRule `pipeline-objectives` must exist in its namespace and be selected (`monitoring.labels` of the chart)',
  },
  RuleFails: {
    means: 'Prometheus has loaded the rule but fails to evaluate it. An alert that fails to evaluate never fires',
    remedy:
      'Read the error in the message. `many-to-many matching` and `found duplicate series`: aggregate in the expression. `query processing would load too many samples`: use a shorter range',
  },
  DashboardsWritten: {
    means: 'The ConfigMap of every dashboard exists, with the label that the Grafana sidecar looks for',
    remedy:
      'Nothing. If Grafana still does not show a dashboard, its sidecar must watch all namespaces (`sidecar.dashboards.searchNamespace: ALL`) and this label (`sidecar.dashboards.label`)',
  },
  DashboardsEdited: {
    means:
      'Every dashboard exists. Users have edited some of them, and `dashboards.policy: seed` keeps the edits. The message names those for which the controller has a newer version',
    remedy:
      'Nothing, if the edits are wanted. To get the generated version back, delete the ConfigMap (`kubectl delete configmap NAME`): the controller creates it again. `policy: enforce` does so for all dashboards',
  },
  DashboardNotWritten: {
    means: 'The controller could not write the ConfigMap of a dashboard',
    remedy: 'Look at Ready, which gives the reason: the name is taken, or the API server refused the object',
  },
  DashboardLabelMissing: {
    means: 'A ConfigMap lacks the label `grafana_dashboard`, so the Grafana sidecar ignores it',
    remedy:
      'Set the label (`kubectl label configmap NAME grafana_dashboard=1`), or delete the ConfigMap: the controller creates it again',
  },
  CountsNotRecorded: {
    means:
      'The dashboards cannot show totals, rankings, success rates and durations of executions, because Prometheus lacks the rules that count them every minute',
    remedy:
      'These rules come with the operator: the PrometheusRule `dashboard-counts` must exist in its namespace and be selected (`monitoring.labels` of the chart). Without the chart, run `kubectl apply --server-side -f controller/manifests/shared-rules.yaml`',
  },
  PipelineDeclared: { means: 'The backend has the pipeline as the resource declares it', remedy: 'Nothing' },
  WaitingForBackend: {
    means: 'The controller is about to register the pipeline with the backend',
    remedy: 'Wait: it takes seconds',
  },
  BackendNotConfigured: {
    means: 'The controller does not know the address of the backend, so it cannot register pipelines',
    remedy:
      'Set PIPELINES_API_URL of the controller to the base URL of the backend, such as `http://backend.trading-platform:8000`, and PIPELINES_API_TOKEN of both to the same secret',
  },
  BackendUnreachable: {
    means:
      'The backend does not answer, or answers with errors. The pipeline stays as last registered and keeps trading. Its figures are left out of the status, because they may be out of date',
    remedy:
      'Read the message, which contains the URL and the error. Check that PIPELINES_API_URL is right, that the backend runs, and that no NetworkPolicy blocks the connection. The controller tries again within seconds',
  },
  BackendTokenRefused: {
    means: 'The backend refuses the token of the controller, or has no token configured',
    remedy: 'Set PIPELINES_API_TOKEN of the backend and of the controller to the same secret, and restart both',
  },
  PipelineRefused: {
    means:
      'The backend refuses the pipeline: there is no room for it in the index of pipelines, or the rules of another version differ from those of the controller',
    remedy:
      'Do what the message says: make room, or correct the fields that it names. Bring backend and controller to the same version',
  },
  PipelineIdTaken: {
    means:
      'A user created a pipeline with this id through the API, in a version that still let users choose ids with a dot. The controller leaves it alone',
    remedy:
      "Delete the user's pipeline with DELETE /api/v1/pipelines/<namespace>.<name>, and the resource takes the id; or rename the resource",
  },
  SignalsSeen: {
    means: 'The platform emits signals that start the pipeline, for each of its tickers',
    remedy: 'Nothing',
  },
  SignalsNotSeenYet: {
    means:
      'The platform has not seen a bar or a signal of a ticker or timeframe of the pipeline, but it has not watched for long enough to say that there are none',
    remedy:
      'Wait: what the signal-generator replays is known within seconds, other sources after the time of one bar. If it stays so, compare the tickers and timeframes with those in the message, and check that market data comes at all (`market_data_updates_total`)',
  },
  SignalsNeverSeen: {
    means:
      'Nothing emits a ticker, a timeframe or a type of signal that the pipeline waits for. The pipeline is registered, but these signals never start it',
    remedy:
      'Correct `spec.pipeline.tickers` or `spec.pipeline.trigger.signals`: the message gives the field, the nearest name, and what is emitted. Or start a source that emits it, such as another symbol of REPLAY_SYMBOLS. The controller notices the change by itself',
  },
};
