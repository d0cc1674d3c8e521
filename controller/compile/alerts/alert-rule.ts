/**
 * Builds alerting rules from an alert of the catalogue, the limits that a resource sets, and the services and the pipeline that
 * the resource watches. Pure.
 */
import type { AlertDefinition, AlertScope } from '#catalogue/alerts/alert.ts';
import { type AlertName, alertDefinition, alertLabels } from '#catalogue/alerts.ts';
import { serviceNames } from '#catalogue/services.ts';
import type { AlertsSpec, AlertTuning } from '../../api/trading-pipeline.ts';
import type { AlertRule } from '../objects/generated-object.ts';
import { buildDashboardUrl, type DashboardAddress, labelInUrl } from '../objects/grafana-dashboard.ts';
import { matchExternal, resultLabels } from '../promql/check-names.ts';

/** The pipeline that a resource declares. */
export interface DeclaredPipeline {
  readonly id: string;
  readonly hasBudget: boolean;
}

/** Inputs that all alerts of one resource have in common. */
export interface AlertSubject {
  /** Name of the TradingPipeline. */
  readonly pipeline: string;
  readonly namespace: string;
  readonly services: readonly string[];
  /** Time window for rate(), as a Prometheus duration. */
  readonly window: string;
  readonly declared?: DeclaredPipeline;
  readonly runbookBaseUrl: string;
  readonly dashboards: DashboardAddress;
  /** Labels that are added to every alert, for routing. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Builds the rules of one alert. Returns an empty list if the alert is disabled, or if the alert watches neither the
 * declared pipeline nor a service that the resource lists.
 */
export function buildAlertRules(name: AlertName, alerts: AlertsSpec, subject: AlertSubject): AlertRule[] {
  const tuning = alerts.rules[name] ?? defaultTuning(name);
  if (!tuning.enabled) return [];
  return [...buildServiceRules(name, tuning, subject), ...buildPipelineRule(name, tuning, subject)];
}

function defaultTuning(name: AlertName): AlertTuning {
  const { enabled = true, severity, for: duration, threshold, minVolume } = alertDefinition(name);
  return {
    ...{ enabled, severity, for: duration },
    ...(threshold !== undefined && { threshold }),
    ...(minVolume !== undefined && { minVolume }),
  };
}

function buildServiceRules(name: AlertName, tuning: AlertTuning, subject: AlertSubject): AlertRule[] {
  const watched = watchedServices(name, subject.services);
  if (watched.length === 0) return [];
  if (!alertDefinition(name).perService) return buildRule(name, tuning, subject, watched[0]);
  return watched.flatMap((service) => buildRule(name, tuning, { ...subject, services: [service] }, service));
}

/**
 * Builds the rule for the declared pipeline; returns an empty list if there is none. The rule reads the metrics of all
 * services of the platform, listed or not, because the pipeline runs on all of them.
 */
function buildPipelineRule(name: AlertName, tuning: AlertTuning, subject: AlertSubject): AlertRule[] {
  const { declared, dashboards } = subject;
  const { ofPipeline, byPipeline, summary } = alertDefinition(name);
  if (!declared || !ofPipeline || (ofPipeline === 'with a budget' && !declared.hasBudget)) return [];
  const { id: pipelineId } = declared;
  const [service] = watchedServices(name, serviceNames);
  const ofPlatform = { ...subject, services: serviceNames, dashboards: { ...dashboards, pipelineId } };
  return buildRule(name, tuning, ofPlatform, service, pipelineId).map((rule) => ({
    ...rule,
    labels: { ...rule.labels, pipeline_id: pipelineId },
    // If the alert is grouped by pipeline, its summary already contains the pipeline's id.
    annotations: { ...rule.annotations, summary: byPipeline ? summary : `${pipelineId}: ${summary}` },
  }));
}

function buildRule(
  name: AlertName,
  tuning: AlertTuning,
  subject: AlertSubject,
  service: string | undefined,
  pipelineId?: string,
): AlertRule[] {
  const definition = alertDefinition(name);
  const { namespace, services, window } = subject;
  const { threshold = 0, minVolume = 0, severity } = tuning;
  const scope: AlertScope = { namespace, services, window, threshold, minVolume, pipelineId };
  const expr = definition.expr(scope);
  if (expr === undefined) return [];
  const labels = {
    ...routingLabels(subject.labels, expr),
    [alertLabels.severity]: severity,
    ...(!definition.byService && service && { [alertLabels.service]: service }),
    [alertLabels.namespace]: namespace,
    [alertLabels.pipeline]: subject.pipeline,
  };
  const annotations = {
    summary: definition.summary,
    description: definition.description(scope, formatLimit(threshold, definition.unit)),
    runbook_url: `${subject.runbookBaseUrl}#${name.toLowerCase()}`,
    dashboard_url: buildDashboardUrl(definition.dashboard, chooseVariables(definition, service), subject.dashboards),
  };
  return [{ alert: name, expr, for: tuning.for, labels, annotations }];
}

/**
 * Returns the labels that are added to every alert, without those that the series of the expression have themselves: a fixed
 * `topic` would make one alert of the alerts on two topics, which Prometheus refuses to evaluate.
 */
function routingLabels(labels: AlertSubject['labels'], expr: string): AlertSubject['labels'] {
  if (!Object.keys(labels).some((name) => expr.includes(name))) return labels;
  const carried = resultLabels(expr, matchExternal([]));
  if (carried === 'any') return labels;
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !carried.has(name)));
}

/**
 * Chooses values for the dashboard's variables. The service is chosen only if each alert is about one service;
 * otherwise the dashboard would hide other services that the alert reads.
 */
function chooseVariables({ perService, byService, byPipeline }: AlertDefinition, service: string | undefined) {
  return {
    ...(perService && service && { service }),
    ...(byService && { service: labelInUrl(alertLabels.service) }),
    ...(byPipeline && { pipeline_id: labelInUrl('pipeline_id') }),
  };
}

/**
 * Returns those of the `listed` services that the alert reads. If an alert reads several services, the first of them
 * becomes the value of the label `service`.
 */
function watchedServices(name: AlertName, listed: readonly string[]): readonly string[] {
  const { watches } = alertDefinition(name);
  return watches === 'each' ? listed : watches.filter((service) => listed.includes(service));
}

function formatLimit(threshold: number, unit: AlertDefinition['unit']): string {
  if (unit === 'share') return `${Number((threshold * 100).toFixed(4))}%`;
  return unit === 'seconds' ? `${threshold}s` : `${threshold} ${unit ?? ''}`.trim();
}
