import { alertLabels } from '#catalogue/alerts.ts';

/** All names of the operator that users see: API group, labels, annotations, conditions and reasons. */
export const GROUP = 'trading-platform.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'TradingPipeline';
export const PLURAL = 'tradingpipelines';
export const SHORT_NAME = 'tp';

/** The field manager of everything that the controller applies, and the value of the managed-by label. */
export const FIELD_MANAGER = 'tradingpipeline-controller';

/** The default namespace of the operator. */
export const OPERATOR_NAMESPACE = 'trading-platform';

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  /**
   * Label of every generated object. Its value is the name of the TradingPipeline, in the same namespace, that the
   * object was generated for.
   */
  pipeline: `${GROUP}/pipeline`,
  serviceName: 'app.kubernetes.io/name',
  /** Kubernetes sets this label on each EndpointSlice. Its value is the name of the Service. */
  endpointsOf: 'kubernetes.io/service-name',
  /** The label that the Grafana sidecar looks for. Its value must be the string "1": the sidecar ignores "true". */
  grafanaDashboard: 'grafana_dashboard',
} as const;
export const PART_OF = 'trading-platform';

export const annotations = {
  /** The annotation in which the Grafana sidecar looks for a dashboard's folder by default. */
  sidecarFolder: 'k8s-sidecar-target-directory',
  /**
   * The annotation in which the Grafana sidecar looks for a dashboard's folder if Grafana's chart sets folderAnnotation
   * and foldersFromFilesStructure.
   */
  grafanaFolder: 'grafana_folder',
  /**
   * While a TradingPipeline has this annotation with the value "true", the controller writes nothing for that
   * TradingPipeline.
   */
  paused: `${GROUP}/paused`,
  /**
   * Annotation of the ConfigMap of an editable dashboard: a hash of the generated dashboard that the ConfigMap was
   * written from. The hash tells whether an edited dashboard is outdated.
   */
  seeded: `${GROUP}/seeded`,
} as const;

/** Labels that `spec.alerts.labels` of a resource must not set, because the controller or Prometheus sets them. */
export const reservedAlertLabels = [
  ...Object.values(alertLabels),
  'alertname',
  'job',
  'instance',
  'pipeline_id',
] as const;

/** Types of conditions. They follow the kstatus conventions: Reconciling and Stalled are present only while they are True. */
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
  signalsEmitted: 'SignalsEmitted',
  conflict: 'Conflict',
  foreignFields: 'ForeignFields',
} as const;
export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes];

/** The reasons of conditions. remedies.ts contains the meaning and the remedy of each reason. */
export const reasons = {
  reconciled: 'Reconciled',
  paused: 'Paused',
  invalidSpec: 'InvalidSpec',
  servicesFound: 'ServicesFound',
  serviceNotFound: 'ServiceNotFound',
  portNotFound: 'PortNotFound',
  ruleDoesNotParse: 'RuleDoesNotParse',
  metricNotFound: 'MetricNotFound',
  bucketNotFound: 'BucketNotFound',
  ruleTooComplex: 'RuleTooComplex',
  notEvents: 'NotEvents',
  serviceClaimed: 'ServiceClaimed',
  nameTaken: 'NameTaken',
  applyRefused: 'ApplyRefused',
  fieldsContested: 'FieldsContested',
  fieldsAdded: 'FieldsAdded',
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
  signalsSeen: 'SignalsSeen',
  signalsNotSeenYet: 'SignalsNotSeenYet',
  signalsNeverSeen: 'SignalsNeverSeen',
} as const;
export type Reason = (typeof reasons)[keyof typeof reasons];

/** Values of the fields reportingController and action of every Event that the controller writes. */
export const REPORTING_CONTROLLER = `${GROUP}/controller`;
export const EVENT_ACTION = 'Reconcile';
/** Reason of the Event which reports that the condition Conflict of a TradingPipeline has ended. */
export const CONFLICT_RESOLVED = 'ConflictResolved';
/** Reason of the Event which reports that the condition ForeignFields of a TradingPipeline has ended. */
export const FOREIGN_FIELDS_GONE = 'ForeignFieldsGone';
/** Reason of the Event which names the fields that other field managers had added and that the controller has removed. */
export const FIELDS_TAKEN_BACK = 'FieldsTakenBack';

export const DEFAULT_RUNBOOK_BASE_URL =
  'https://github.com/trading-platform/trading-platform/blob/main/docs/runbooks/alerts.md';
export const DEFAULT_FOLDER = 'Trading';
