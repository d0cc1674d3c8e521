import type { ConditionType, Reason } from './names.ts';

/** What each reason of a condition means, and what to do about it. docs/conditions.md is made from this. */
export const remedies: Readonly<Record<Reason, { readonly means: string; readonly remedy: string }>> = {
  Reconciled: { means: 'All objects are as the resource asks', remedy: 'Nothing' },
  ServicesFound: { means: 'Every listed service exists and has its port', remedy: 'Nothing' },
  InvalidSpec: {
    means: 'The spec breaks a rule that the installed CRD does not hold: the CRD is older than the controller',
    remedy: 'Apply the CRD of this version; correct the fields that the message names',
  },
  ServiceNotFound: {
    means: 'No Service in the namespace has the labels of the selector',
    remedy:
      'Create or label the Service (`kubectl get svc --show-labels`), or correct `selector`. It comes right by itself',
  },
  PortNotFound: {
    means: 'The Service has no port of that name',
    remedy: 'Name the port in the Service, or set `port` to one of the names in the message. It comes right by itself',
  },
  RuleDoesNotParse: {
    means: 'Prometheus would refuse one of your own alerts, and every rule beside it',
    remedy: 'Correct the field that the message names. The last good rule stays in force, where there was one',
  },
  MetricNotFound: {
    means: 'One of your own alerts or objectives asks for a metric or a label that does not exist: it could never fire',
    remedy:
      'Correct the name: the message says where it stands and which is nearest. Where the metric comes from elsewhere, or has labels that the platform does not give it, list it under `spec.externalMetrics`, by its name or its prefix. The last good rule stays in force, where there was one',
  },
  ServiceClaimed: {
    means: 'An older resource of the namespace lists the same service: two would scrape it twice',
    remedy: 'List each service in one resource',
  },
  NameTaken: {
    means: 'An object that the controller did not make has the name it needs, and is left alone',
    remedy: 'Rename the resource, or delete the other object; it is looked at again within two minutes',
  },
  Paused: {
    means: 'The resource carries the annotation `trading-platform.dev/paused: "true"`: what it asks for is not written',
    remedy: 'Take the annotation away: `kubectl annotate tp NAME trading-platform.dev/paused-`',
  },
  ApplyRefused: {
    means: 'The API server refused an object: a quota, an admission webhook, or a missing right',
    remedy: 'Read the message, which is the API server’s own; it is tried again within two minutes',
  },
  MonitorsPicked: {
    means: 'A Prometheus object of the cluster selects every ServiceMonitor of the resource',
    remedy: 'Nothing',
  },
  PrometheusNotFound: {
    means: 'There is no Prometheus object in the cluster, so nothing turns ServiceMonitors into scrapes',
    remedy:
      'Install prometheus-operator with a Prometheus (the chart does, by kube-prometheus-stack). Where another agent reads ServiceMonitors, TargetsUp says what it scrapes; this one does not matter then',
  },
  LabelMissing: {
    means:
      'Prometheus objects exist, and the selectors of none pick the ServiceMonitors: the trap of the `release` label',
    remedy:
      'Set what the message names: `spec.labels`, such as `release: monitoring`, puts a label on all that is made for the resource; `kubectl label namespace` on its namespace. Or open the selector in the Prometheus object: `serviceMonitorSelector: {}` and `serviceMonitorNamespaceSelector: {}`, in kube-prometheus-stack `prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues: false`',
  },
  PrometheusObjectsUnreadable: {
    means:
      'The controller cannot list Prometheus objects or namespaces: the kind is unknown to the API server, or the right is missing',
    remedy:
      'Apply the CRDs of prometheus-operator, or give the controller its ClusterRole again; it is read within seconds',
  },
  PrometheusNotConfigured: {
    means: 'The controller has not been told where Prometheus is, so it cannot ask what is scraped, loaded and firing',
    remedy:
      'Set PROMETHEUS_URL of the controller to the base URL of Prometheus, such as `http://prometheus-operated.monitoring:9090`',
  },
  PrometheusUnreachable: {
    means:
      'Prometheus has not answered twice in a row. What was known of it is left out of the status rather than guessed',
    remedy:
      'Read the message: it holds the URL and the error. Check that PROMETHEUS_URL is right, that Prometheus runs, and that no NetworkPolicy stands between. It comes right by itself',
  },
  WaitingForPrometheus: {
    means: 'The resource has just changed, and Prometheus has not taken the change in yet',
    remedy: 'Wait: prometheus-operator reloads Prometheus within a minute or two. What is still missing then is named',
  },
  AllTargetsUp: { means: 'Prometheus scrapes every target of the resource, and each answers', remedy: 'Nothing' },
  TargetsDown: {
    means:
      'Prometheus scrapes the targets, and some fail. The message holds the first failures as Prometheus gives them',
    remedy:
      '`server returned HTTP status 404`: set `path` of the service to where its metrics are. `connection refused`: the process is down or listens elsewhere; compare `port`. `context deadline exceeded`: it answers too slowly, or a NetworkPolicy drops the connection',
  },
  TargetsMissing: {
    means: 'Prometheus has no target at all for a service',
    remedy:
      'Look at MonitorsSelected and ServicesResolved first: they name what is missing. When both are True, the Service has no endpoints, Prometheus may not list EndpointSlices in the namespace, or prometheus-operator rejected the monitor: `kubectl describe servicemonitor`',
  },
  RulesEvaluated: {
    means: 'Prometheus has loaded every rule group of the resource, and evaluates it without error',
    remedy: 'Nothing',
  },
  RulesNotLoaded: {
    means: 'Prometheus does not have a rule group of the resource, or an older form of it',
    remedy:
      'When the message names a label, set it by `spec.labels`, or open `ruleSelector` and `ruleNamespaceSelector` of the Prometheus object. Otherwise look at `prometheus_config_last_reload_successful` and at the log of prometheus-operator: one bad rule of anybody keeps Prometheus from loading the rest. Groups that begin with `trading-platform.pipeline-objectives` come with the operator: the PrometheusRule `pipeline-objectives` in its namespace must be there, and be selected (`monitoring.labels` of the chart)',
  },
  RuleFails: {
    means: 'Prometheus has loaded the rule, and fails to evaluate it. An alert that fails never fires',
    remedy:
      'Read the error in the message. `many-to-many matching` and `found duplicate series` ask for an aggregation in the expression; `query processing would load too many samples` for a shorter range',
  },
  DashboardsWritten: {
    means: 'The ConfigMap of every dashboard exists, with the label that the Grafana sidecar looks for',
    remedy:
      'Nothing. A dashboard that Grafana still does not show: the sidecar must watch all namespaces (`sidecar.dashboards.searchNamespace: ALL`) and this label (`sidecar.dashboards.label`)',
  },
  DashboardsEdited: {
    means: 'Every dashboard is there, and some hold edits of their users, which `dashboards.policy: seed` keeps',
    remedy:
      'Nothing, where the edits are wanted. To have ours again: `kubectl delete configmap NAME`, and it is made anew, or `policy: enforce` for all. The message names those of which ours has changed since',
  },
  DashboardNotWritten: {
    means: 'The ConfigMap of a dashboard could not be written',
    remedy: 'Ready says why: the name is taken, or the API server refused it',
  },
  DashboardLabelMissing: {
    means: 'A ConfigMap exists and lacks the label `grafana_dashboard`, so the Grafana sidecar passes it by',
    remedy: '`kubectl label configmap NAME grafana_dashboard=1`, or delete it: it is made again',
  },
  CountsNotRecorded: {
    means:
      'Totals, rankings, success rates and durations of executions are empty on the dashboards: Prometheus does not have the rules that count for them each minute',
    remedy:
      'They come with the operator: the PrometheusRule `dashboard-counts` in its namespace must be there, and be selected (`monitoring.labels` of the chart). Without the chart: `kubectl apply --server-side -f controller/manifests/shared-rules.yaml`',
  },
  PipelineDeclared: { means: 'The backend has the pipeline as the resource declares it', remedy: 'Nothing' },
  WaitingForBackend: {
    means: 'The pipeline is about to be registered: the backend has not been asked, or told, yet',
    remedy: 'Wait: it takes seconds',
  },
  BackendNotConfigured: {
    means: 'The controller has not been told where the backend is, so it cannot register pipelines',
    remedy:
      'Set PIPELINES_API_URL of the controller to the base URL of the backend, such as `http://backend.trading-platform:8000`, and PIPELINES_API_TOKEN of both to the same secret',
  },
  BackendUnreachable: {
    means:
      'The backend does not answer, or fails. The pipeline stays as it was last registered, and trades on; what it does is left out of the status rather than guessed',
    remedy:
      'Read the message: it holds the URL and the error. Check that PIPELINES_API_URL is right, that the backend runs, and that no NetworkPolicy stands between. It is tried again within seconds',
  },
  BackendTokenRefused: {
    means: 'The backend does not take the token of the controller, or takes none at all',
    remedy: 'Set PIPELINES_API_TOKEN of the backend and of the controller to the same secret, and restart both',
  },
  PipelineRefused: {
    means: 'The backend does not take the pipeline: it is older or newer than the controller, and knows other rules',
    remedy: 'Correct the fields that the message names, or bring backend and controller to one version',
  },
  PipelineIdTaken: {
    means:
      'A user has created a pipeline of this id through the API, if only to delete it again: an id is never given twice',
    remedy: 'Rename the resource. The pipeline of the user is left alone',
  },
};

/** What each condition says. docs/conditions.md is made from this. */
export const conditionMeanings: Readonly<Record<ConditionType, string>> = {
  Ready:
    'The controller has made all that the resource asks, its pipeline too. Whether Prometheus runs has no part in it, nor whether the backend still does',
  Reconciling: 'Present while something is missing that can come right by itself',
  Stalled: 'Present while somebody must act before it can come right',
  ServicesResolved: 'Every listed service is a Service in the cluster, and has its port',
  MonitorsSelected: 'A Prometheus object selects every ServiceMonitor of the resource',
  TargetsUp: 'Prometheus scrapes a target for every service, and each answers. The message counts them: 3 of 4',
  RulesLoaded: 'Prometheus has loaded every rule group of the resource, and evaluates it without error',
  DashboardsReady: 'Every dashboard is there for the Grafana sidecar to load',
  PipelineRegistered: 'The backend has the pipeline as the resource declares it',
  Conflict: 'Present while something belongs to another resource',
};
