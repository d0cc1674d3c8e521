import { alertLabels } from '#catalogue/alerts.ts';

/** Every name of the operator that a user can see: API group, labels, annotations, conditions and reasons. */
export const GROUP = 'trading-platform.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'TradingPipeline';
export const PLURAL = 'tradingpipelines';
export const SHORT_NAME = 'tp';

/** Owns the fields that the controller applies; also the value of the managed-by label. */
export const FIELD_MANAGER = 'tradingpipeline-controller';

/** Where the operator runs unless told otherwise. */
export const OPERATOR_NAMESPACE = 'trading-platform';

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  /** Which TradingPipeline, of the same namespace, an object was generated for. */
  pipeline: `${GROUP}/pipeline`,
  serviceName: 'app.kubernetes.io/name',
  /** Kubernetes' own, on EndpointSlices. */
  endpointsOf: 'kubernetes.io/service-name',
  /** What the Grafana sidecar looks for. The value is the string "1": "true" is ignored. */
  grafanaDashboard: 'grafana_dashboard',
} as const;
export const PART_OF = 'trading-platform';

export const annotations = {
  /** Folder of the Grafana sidecar; works by default. */
  sidecarFolder: 'k8s-sidecar-target-directory',
  /** The same for charts that set folderAnnotation and foldersFromFilesStructure. */
  grafanaFolder: 'grafana_folder',
  /** On a TradingPipeline, with the value "true": nothing is written for it until it is taken away. */
  paused: `${GROUP}/paused`,
  /** On a dashboard's ConfigMap that may be edited: a hash of the data that it was seeded with. */
  seeded: `${GROUP}/seeded`,
} as const;

/** A resource's own labels and rules cannot set these. */
export const reservedAlertLabels = [
  ...Object.values(alertLabels),
  'alertname',
  'job',
  'instance',
  'pipeline_id',
] as const;

/** Conditions by the kstatus conventions: Reconciling and Stalled are present only while they are True. */
export const conditionTypes = {
  ready: 'Ready',
  reconciling: 'Reconciling',
  stalled: 'Stalled',
  servicesResolved: 'ServicesResolved',
  monitorsSelected: 'MonitorsSelected',
  targetsUp: 'TargetsUp',
  rulesLoaded: 'RulesLoaded',
  dashboardsReady: 'DashboardsReady',
  pipelineRegistered: 'PipelineRegistered',
  conflict: 'Conflict',
} as const;
export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes];

/** Why a condition is as it is. */
export const reasons = {
  reconciled: 'Reconciled',
  paused: 'Paused',
  invalidSpec: 'InvalidSpec',
  servicesFound: 'ServicesFound',
  serviceNotFound: 'ServiceNotFound',
  portNotFound: 'PortNotFound',
  ruleDoesNotParse: 'RuleDoesNotParse',
  metricNotFound: 'MetricNotFound',
  serviceClaimed: 'ServiceClaimed',
  nameTaken: 'NameTaken',
  applyRefused: 'ApplyRefused',
  monitorsPicked: 'MonitorsPicked',
  prometheusNotFound: 'PrometheusNotFound',
  labelMissing: 'LabelMissing',
  prometheusObjectsUnreadable: 'PrometheusObjectsUnreadable',
  prometheusNotConfigured: 'PrometheusNotConfigured',
  prometheusUnreachable: 'PrometheusUnreachable',
  waitingForPrometheus: 'WaitingForPrometheus',
  allTargetsUp: 'AllTargetsUp',
  targetsDown: 'TargetsDown',
  targetsMissing: 'TargetsMissing',
  rulesEvaluated: 'RulesEvaluated',
  rulesNotLoaded: 'RulesNotLoaded',
  ruleFails: 'RuleFails',
  dashboardsWritten: 'DashboardsWritten',
  dashboardsEdited: 'DashboardsEdited',
  dashboardNotWritten: 'DashboardNotWritten',
  dashboardLabelMissing: 'DashboardLabelMissing',
  countsNotRecorded: 'CountsNotRecorded',
  pipelineDeclared: 'PipelineDeclared',
  waitingForBackend: 'WaitingForBackend',
  backendNotConfigured: 'BackendNotConfigured',
  backendUnreachable: 'BackendUnreachable',
  backendTokenRefused: 'BackendTokenRefused',
  pipelineRefused: 'PipelineRefused',
  pipelineIdTaken: 'PipelineIdTaken',
} as const;
export type Reason = (typeof reasons)[keyof typeof reasons];

/** Who Events are from, and what it was doing. */
export const REPORTING_CONTROLLER = `${GROUP}/controller`;
export const EVENT_ACTION = 'Reconcile';
/** Reason of the Event when the condition Conflict goes away. */
export const CONFLICT_RESOLVED = 'ConflictResolved';

export const DEFAULT_RUNBOOK_BASE_URL =
  'https://github.com/trading-platform/trading-platform/blob/main/docs/runbooks/alerts.md';
export const DEFAULT_FOLDER = 'Trading';
