/**
 * The schema of a TradingPipeline. Its types, the CRD (crd.ts) and the reference (reference.ts) are derived from this
 * schema. Each validation rule is written once, with its CEL and its TypeScript check side by side. Pure.
 */
import { z } from 'zod';
import { parseDurationSeconds } from '#base/duration.ts';
import {
  type AlertDefinition,
  type AlertName,
  alertDefinition,
  alertNames,
  type Severity,
  severities,
} from '#catalogue/alerts.ts';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { objectiveAlertNames } from '#catalogue/objectives.ts';
import { METRICS_PORT_NAME, serviceNames, services } from '#catalogue/services.ts';
import type { KubeObject } from './kube-object.ts';
import { DEFAULT_FOLDER, DEFAULT_RUNBOOK_BASE_URL, labels, reservedAlertLabels } from './names.ts';
import { objectivesSchema } from './objective-schema.ts';
import { pipelineSectionSchema } from './pipeline-schema.ts';
import { celList, describeIssue, listMap, stringMap, withRules } from './schema-rules.ts';
import type { TradingPipelineStatus } from './trading-pipeline-status.ts';

/** Longest name of a TradingPipeline: the name becomes the value of a label, which has at most 63 characters. */
export const MAX_NAME_LENGTH = 63;

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const promLabel = /^([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*$/;

/** A Prometheus duration, which may be zero: 0, 5m, 1h30m. The number of digits is bounded so that no sum overflows. */
export const durationSchema = z
  .string()
  .min(1)
  .regex(
    /^(0|([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?)$/,
    'must be a duration such as 30s, 5m or 1h30m',
  );
/**
 * The longest scrape interval. Prometheus drops a series 5 minutes after its last sample, so longer intervals would make alerts
 * and panels flicker.
 */
const MAX_INTERVAL_SECONDS = 120;
const intervalSchema = withRules(
  z
    .string()
    .min(2)
    .max(6)
    .regex(/^([1-9][0-9]{0,2}m)?([1-9][0-9]{0,2}s)?$/, 'must be a duration such as 15s or 1m30s'),
  {
    cel: `duration(self) <= duration('${MAX_INTERVAL_SECONDS}s')`,
    message: 'must be at most 2m, because Prometheus drops a series 5 minutes after its last sample',
    check: (interval) => parseDurationSeconds(interval) <= MAX_INTERVAL_SECONDS,
  },
);

const defaultIntervals = serviceNames.map((name) => `${name} ${services[name].scrapeInterval}`).join(', ');
/** The default scrape interval of services that are not part of the platform. */
export const DEFAULT_INTERVAL = '15s';

const serviceSchema = withRules(
  z.object({
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(dnsLabel, 'must be lower case letters, digits and -')
      .describe(
        `Name of the service, and the value of the labels \`job\` and \`service\`. The platform's services are ${serviceNames.join(', ')}`,
      ),
    selector: z
      .object({
        matchLabels: stringMap(labelKey, z.string().max(63).regex(labelValue), { min: 1, max: 16 }).describe(
          'Labels that the Service must have',
        ),
      })
      .optional()
      .describe(
        `Selects the Services to scrape. Default for the platform's services: ${labels.serviceName}: <name>; required for others`,
      ),
    port: z
      .string()
      .min(1)
      .max(63)
      .regex(dnsLabel, 'must be the name of a port, not its number')
      .default(METRICS_PORT_NAME)
      .describe('Name of the port of the Service that serves metrics'),
    path: z
      .string()
      .max(1_024)
      .regex(/^\//, 'must begin with /')
      .default('/metrics')
      .describe('HTTP path of the metrics'),
    interval: intervalSchema
      .optional()
      .describe(`Time between two scrapes. Default: ${defaultIntervals}; others ${DEFAULT_INTERVAL}`),
  }),
  {
    cel: `self.name in ${celList(serviceNames)} || has(self.selector)`,
    message: `a selector is required for a service that is not one of ${serviceNames.join(', ')}`,
    check: (service) => service.selector !== undefined || (serviceNames as string[]).includes(service.name),
    field: 'selector',
  },
);
export type ServiceSpec = z.output<typeof serviceSchema>;

/**
 * The fields of a platform alert that users can tune. `threshold` and `minVolume` are absent if the alert has no such
 * limit.
 */
export interface AlertTuning {
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly for: string;
  readonly threshold?: number;
  readonly minVolume?: number;
}

function alertTuningSchema(name: AlertName): z.ZodType<AlertTuning> {
  const { about, enabled = true, severity, for: duration, threshold, unit, minVolume } = alertDefinition(name);
  const fields: Record<string, z.ZodType> = {
    enabled: z.boolean().default(enabled).describe('Whether the rule exists'),
    severity: z.enum(severities).default(severity).describe('Value of the label `severity`'),
    for: durationSchema.default(duration).describe('How long the condition must hold before the alert fires'),
  };
  if (threshold !== undefined) fields.threshold = thresholdSchema(threshold, unit);
  if (minVolume !== undefined) {
    const least = 'Least number of events in the window for the alert to fire';
    fields.minVolume = z.number().int().min(1).max(1_000_000).default(minVolume).describe(least);
  }
  return z.object(fields).describe(about) as unknown as z.ZodType<AlertTuning>;
}

function thresholdSchema(threshold: number, unit: AlertDefinition['unit']): z.ZodType {
  const number = unit === 'share' ? z.number().min(0).max(1) : z.number().min(0).max(1_000_000_000);
  return number.default(threshold).describe(`Limit, ${unit === 'share' ? 'a share from 0 to 1' : unit}`);
}

const tunings = Object.fromEntries(alertNames.map((name) => [name, alertTuningSchema(name).optional()]));
const rulesSchema = z.object(tunings as Record<AlertName, z.ZodOptional<z.ZodType<AlertTuning>>>);

const templateText = z.string().max(4_096);
const alertLabelMap = stringMap(promLabel, z.string().max(1_024), { max: 16 });
/**
 * A string without templates. Labels in `spec.alerts.labels` are added to every alert, so one invalid template would
 * keep Prometheus from loading any alert of the TradingPipeline.
 */
const plainText = z
  .string()
  .max(1_024)
  .regex(/^[^{}]*$/, 'must not contain { or }');

const platformAlertNames: readonly string[] = [...alertNames, ...objectiveAlertNames];

const customAlertSchema = z.object({
  alert: withRules(
    z
      .string()
      .min(1)
      .max(128)
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be letters, digits and _')
      .describe("Name of the alert; must differ from the platform's alerts"),
    {
      cel: `!(self in ${celList(platformAlertNames)})`,
      message: "is the name of one of the platform's alerts: tune it under rules, or choose another name",
      check: (name) => !platformAlertNames.includes(name),
    },
  ),
  expr: z.string().min(1).max(4_096).describe('PromQL expression. Each series that it returns is one alert'),
  for: durationSchema.default('0m').describe('How long the condition must hold before the alert fires'),
  labels: alertLabelMap
    .optional()
    .describe(
      'Labels of the alert. Default: severity: warning, and namespace: that of the series, or of this resource for a series without one. tradingpipeline and tradingpipeline_namespace always name this resource',
    ),
  annotations: stringMap(promLabel, templateText, { max: 16 })
    .optional()
    .describe('Annotations of the alert; templates as in Prometheus'),
});
export type CustomAlertSpec = z.output<typeof customAlertSchema>;

const alertsSchema = z.object({
  rules: rulesSchema
    .prefault({})
    .describe("The platform's alerts, by name. Enabled by default for the services that this resource lists"),
  custom: listMap(customAlertSchema, 'alert', 100).optional().describe('Alerts of your own'),
  runbookBaseUrl: z
    .string()
    .max(512)
    .regex(/^https?:\/\/[^\s#{}]+$/, 'must be a http or https URL without #')
    .default(DEFAULT_RUNBOOK_BASE_URL)
    .describe('URL of the runbook page; runbook_url is this URL, # and the name of the alert in lower case'),
  grafanaUrl: z
    .string()
    .max(512)
    .regex(/^https?:\/\/[^\s?#{}]*[^\s?#{}/]$/, 'must be a http or https URL without ?, # or a / at its end')
    .optional()
    .describe(
      'URL at which users open Grafana; dashboard_url begins with it. Default: dashboard_url is a path, /d/<uid>?…, that works from within Grafana',
    ),
  labels: withRules(stringMap(promLabel, plainText, { max: 16 }), {
    cel: `self.all(key, !(key in ${celList(reservedAlertLabels)}))`,
    message: `must not be one of ${reservedAlertLabels.join(', ')}: the controller or Prometheus sets these`,
    check: (map) => !Object.keys(map).some((key) => (reservedAlertLabels as readonly string[]).includes(key)),
  })
    .optional()
    .describe('Labels that are added to every alert, for routing'),
});
export type AlertsSpec = z.output<typeof alertsSchema>;

const ownLabels: readonly string[] = [labels.managedBy, labels.partOf, labels.pipeline];
const objectLabelsSchema = withRules(stringMap(labelKey, z.string().max(63).regex(labelValue), { max: 16 }), {
  cel: `self.all(key, !(key in ${celList(ownLabels)}))`,
  message: `must not be one of ${ownLabels.join(', ')}: the controller sets these`,
  check: (map) => !Object.keys(map).some((key) => ownLabels.includes(key)),
}).optional();

const dashboardPolicies = ['enforce', 'seed'] as const;

const dashboardsSchema = z.object({
  // An atomic list, because server-side apply would remove a list of the type `set` that becomes empty, and a missing
  // list means all dashboards
  include: withRules(z.array(z.enum(dashboardNames)).max(20).meta({ 'x-kubernetes-list-type': 'atomic' }), {
    cel: 'self.all(one, self.exists_one(other, other == one))',
    message: 'each dashboard must be listed once',
    check: (names) => new Set(names).size === names.length,
  })
    .default([...dashboardNames])
    .describe('The dashboards to create'),
  folder: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'must be letters, digits, spaces, . _ -: one folder, not a path')
    .default(DEFAULT_FOLDER)
    .describe('Folder in Grafana'),
  datasource: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'must be letters, digits, spaces and . _ -')
    .optional()
    .describe("Name of the Prometheus data source that is selected at first. Default: Grafana's default data source"),
  policy: z
    .enum(dashboardPolicies)
    .default('enforce')
    .describe(
      "How to treat edits of a dashboard's ConfigMap. enforce: the controller overwrites them. seed: the controller keeps them, and updates only dashboards that nobody has edited",
    ),
  labels: objectLabelsSchema.describe(
    'Labels that are added to the ConfigMaps, for a sidecar that looks for a different label',
  ),
});
export type DashboardsSpec = z.output<typeof dashboardsSchema>;

const foreignFieldsPolicies = ['remove', 'report'] as const;
export type ForeignFieldsPolicy = (typeof foreignFieldsPolicies)[number];

const externalMetricsSchema = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      .regex(/^([a-zA-Z_:][a-zA-Z0-9_:]*)?\*?$/, 'must be the name of a metric, or a prefix followed by *'),
  )
  .max(100)
  .meta({ 'x-kubernetes-list-type': 'atomic' });

export const tradingPipelineSpecSchema = z
  .object({
    services: listMap(serviceSchema, 'name', 50).optional().describe('Services to scrape: one ServiceMonitor each'),
    pipeline: pipelineSectionSchema
      .optional()
      .describe(
        'A trading pipeline. The controller registers it with the backend under the id <namespace>.<name>; the API cannot change it',
      ),
    alerts: alertsSchema
      .optional()
      .describe(
        'Alerts on the listed services and on this pipeline: one PrometheusRule. An empty object asks for the defaults',
      ),
    objectives: objectivesSchema
      .optional()
      .describe(
        'Service level objectives: recording rules, and alerts on the burn rate of their error budgets. If the resource declares a pipeline, they count its executions only',
      ),
    dashboards: dashboardsSchema
      .optional()
      .describe(
        'Grafana dashboards: one ConfigMap each. An empty object asks for all. If the resource declares a pipeline, they open with it selected',
      ),
    externalMetrics: externalMetricsSchema
      .optional()
      .describe(
        'Foreign metrics that your own alerts and objectives read: names, or prefixes followed by *. No need to list the metrics of the platform, of Prometheus, of kube-prometheus-stack and of common exporters',
      ),
    foreignFields: z
      .enum(foreignFieldsPolicies)
      .optional()
      .describe(
        'What to do with fields that others add to generated objects, such as a rule group. remove: the controller removes them, and an Event names them. report: they stay, and the condition ForeignFields names them. Labels and annotations of others always stay. Default: remove',
      ),
    labels: objectLabelsSchema.describe(
      'Labels that are added to every generated object: those by which a Prometheus selects, such as `release: monitoring`',
    ),
  })
  .describe('What to run and to monitor. Every section is optional, and a resource gets exactly what it lists');
export type TradingPipelineSpec = z.output<typeof tradingPipelineSpecSchema>;

export interface TradingPipeline extends KubeObject {
  status?: TradingPipelineStatus;
}

export type ParsedSpec = { readonly spec: TradingPipelineSpec } | { readonly problems: readonly string[] };

/** Returns the spec with its defaults filled in, or its problems, each as `field.path: message`. */
export function parseTradingPipelineSpec(raw: unknown): ParsedSpec {
  const result = tradingPipelineSpecSchema.safeParse(raw ?? {}, { error: describeIssue });
  if (result.success) return { spec: result.data };
  return { problems: result.error.issues.map((issue) => `${fieldPath(issue.path)}: ${issue.message}`) };
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (at, step) => (typeof step === 'number' ? `${at}[${step}]` : `${at}.${String(step)}`),
    'spec',
  );
}
