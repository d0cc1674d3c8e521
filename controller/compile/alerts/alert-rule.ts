/** One alerting rule of the platform's own, from its recipe, what a resource tuned, and what it watches. Pure. */
import { type AlertName, alertDefinition, alertLabels } from '#catalogue/alerts.ts';
import { serviceNames } from '#catalogue/services.ts';
import { thresholdUnit } from '../../api/alert-thresholds.ts';
import type { AlertsSpec, AlertTuning } from '../../api/trading-pipeline.ts';
import { type AlertRecipe, type AlertScope, alertRecipes } from './alert-recipes.ts';
import { buildDashboardUrl, type DashboardAddress, labelInUrl } from './dashboard-link.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The pipeline that a resource declares. */
export interface DeclaredPipeline {
  readonly id: string;
  readonly hasBudget: boolean;
}

/** What the rules of a resource have in common. */
export interface AlertSubject {
  /** Name of the TradingPipeline. */
  readonly pipeline: string;
  readonly namespace: string;
  readonly services: readonly string[];
  readonly window: string;
  readonly declared?: DeclaredPipeline;
  readonly runbookBaseUrl: string;
  readonly dashboards: DashboardAddress;
  readonly labels: Readonly<Record<string, string>>;
}

/** The rules of one alert: none when it is off, or reads what the resource neither lists nor declares. */
export function buildAlertRules(name: AlertName, alerts: AlertsSpec, subject: AlertSubject): AlertRule[] {
  const tuning = alerts.rules[name] ?? defaultTuning(name);
  if (!tuning.enabled) return [];
  return [...buildServiceRules(name, tuning, subject), ...buildPipelineRule(name, tuning, subject)];
}

function buildServiceRules(name: AlertName, tuning: AlertTuning, subject: AlertSubject): AlertRule[] {
  const watched = watchedServices(name, subject.services);
  if (watched.length === 0) return [];
  if (!alertRecipes[name].perService) return buildRule(name, tuning, subject, watched[0]);
  return watched.flatMap((service) => buildRule(name, tuning, { ...subject, services: [service] }, service));
}

/** A pipeline runs on the platform's services, listed here or not. */
function buildPipelineRule(name: AlertName, tuning: AlertTuning, subject: AlertSubject): AlertRule[] {
  const { declared, dashboards } = subject;
  if (!declared || !alertRecipes[name].ofPipeline || (name === 'PipelineBudgetExhausted' && !declared.hasBudget))
    return [];
  const { id: pipelineId } = declared;
  const [service] = watchedServices(name, serviceNames);
  // one that is made by pipeline names it already
  const { byPipeline, summary } = alertRecipes[name];
  const ofPlatform = { ...subject, services: serviceNames, dashboards: { ...dashboards, pipelineId } };
  return buildRule(name, tuning, ofPlatform, service, pipelineId).map((rule) => ({
    ...rule,
    labels: { ...rule.labels, pipeline_id: pipelineId },
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
  const recipe = alertRecipes[name];
  const { namespace, services, window } = subject;
  const { threshold = 0, minVolume = 0, severity } = tuning;
  const scope: AlertScope = { namespace, services, window, threshold, minVolume, pipelineId };
  const expr = recipe.expr(scope);
  if (expr === undefined) return [];
  const labels = {
    ...subject.labels,
    [alertLabels.severity]: severity,
    ...(!recipe.byService && service && { [alertLabels.service]: service }),
    [alertLabels.namespace]: namespace,
    [alertLabels.pipeline]: subject.pipeline,
  };
  const annotations = {
    summary: recipe.summary,
    description: recipe.description(scope, formatLimit(name, threshold)),
    runbook_url: `${subject.runbookBaseUrl}#${name.toLowerCase()}`,
    dashboard_url: buildDashboardUrl(
      alertDefinition(name).dashboard,
      chooseVariables(recipe, service),
      subject.dashboards,
    ),
  };
  return [{ alert: name, expr, for: tuning.for, labels, annotations }];
}

/** Only what the alert is about: one that reads several services must not hide all but the first. */
function chooseVariables({ perService, byService, byPipeline }: AlertRecipe, service: string | undefined) {
  return {
    ...(perService && service && { service }),
    ...(byService && { service: labelInUrl(alertLabels.service) }),
    ...(byPipeline && { pipeline_id: labelInUrl('pipeline_id') }),
  };
}

function defaultTuning(name: AlertName): AlertTuning {
  return { enabled: true, ...alertDefinition(name) };
}

/** The services of the resource that the alert reads, in the catalogue's order: the first gives the label `service`. */
function watchedServices(name: AlertName, listed: readonly string[]): readonly string[] {
  const { watches } = alertDefinition(name);
  return watches === 'each' ? listed : watches.filter((service) => listed.includes(service));
}

function formatLimit(name: AlertName, threshold: number): string {
  const unit = thresholdUnit(name);
  if (unit === 'share') return `${Number((threshold * 100).toFixed(4))}%`;
  return unit === 'seconds' ? `${threshold}s` : `${threshold} ${unit ?? ''}`.trim();
}
