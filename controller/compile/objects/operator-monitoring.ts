import { alertLabels } from '#catalogue/alerts.ts';
import {
  type OperatorAlertName,
  type OperatorAlertScope,
  operatorAlertDefinition,
  operatorAlertNames,
} from '#catalogue/operator-alerts.ts';
import { CONTROLLER, CONTROLLER_SCRAPE_INTERVAL, METRICS_PORT_NAME } from '#catalogue/services.ts';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { labels, PART_OF } from '../../api/names.ts';
import type { AlertRule } from './generated-object.ts';
import { buildDashboardUrl } from './grafana-dashboard.ts';
import { buildScrape } from './service-monitor.ts';

/** The namespace of the operator, and the URL of the runbooks for its alerts. */
interface OperatorSubject {
  /** The namespace of the operator's pods. */
  readonly namespace: string;
  readonly runbookBaseUrl: string;
}

/**
 * Builds the objects that monitor the operator itself: a ServiceMonitor for the Service `controller`, and a
 * PrometheusRule. These objects are installed with the operator. No TradingPipeline owns them and no controller manages
 * them, so that they outlive the operator. Pure.
 */
export function buildOperatorMonitoring(subject: OperatorSubject): KubeObject[] {
  const own = { [labels.serviceName]: CONTROLLER, [labels.partOf]: PART_OF };
  const metadata = { name: CONTROLLER, namespace: subject.namespace, labels: own };
  const { serviceMonitor, prometheusRule } = resources;
  const scrape = { name: CONTROLLER, port: METRICS_PORT_NAME, path: '/metrics', interval: CONTROLLER_SCRAPE_INTERVAL };
  return [
    {
      apiVersion: serviceMonitor.apiVersion,
      kind: serviceMonitor.kind,
      metadata,
      spec: { selector: { matchLabels: { [labels.serviceName]: CONTROLLER } }, endpoints: [buildScrape(scrape)] },
    },
    {
      apiVersion: prometheusRule.apiVersion,
      kind: prometheusRule.kind,
      metadata,
      spec: { groups: [{ name: `${subject.namespace}.${CONTROLLER}`, rules: buildOperatorAlerts(subject) }] },
    },
  ];
}

/** Builds the alerting rules that watch the operator itself. */
export function buildOperatorAlerts(subject: OperatorSubject): AlertRule[] {
  return operatorAlertNames.map((name) => buildRule(name, subject));
}

function buildRule(name: OperatorAlertName, { namespace, runbookBaseUrl }: OperatorSubject): AlertRule {
  const definition = operatorAlertDefinition(name);
  const { threshold = 0, minVolume = 0, window = '' } = definition;
  const scope: OperatorAlertScope = { namespace, threshold, minVolume, window };
  const alertLabelValues = {
    [alertLabels.severity]: definition.severity,
    [alertLabels.service]: CONTROLLER,
    [alertLabels.namespace]: namespace,
  };
  const annotations = {
    summary: definition.summary,
    description: definition.description(scope),
    runbook_url: `${runbookBaseUrl}#${name.toLowerCase()}`,
    dashboard_url: buildOperatorDashboardUrl(namespace),
  };
  return { alert: name, expr: definition.expr(scope), for: definition.for, labels: alertLabelValues, annotations };
}

function buildOperatorDashboardUrl(namespace: string): string {
  const owner = { namespace, name: CONTROLLER, uid: '' };
  return buildDashboardUrl('operator', { operator_namespace: namespace }, { owner, qualified: new Set() });
}
