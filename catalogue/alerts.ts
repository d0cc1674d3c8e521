/**
 * The alerts on the platform, and their labels. Each group is a file in alerts/, with the limits, expression, texts and
 * runbook of each alert. A group of alerts also becomes a rule group in Prometheus.
 */
import type { AlertDefinition } from './alerts/alert.ts';
import { dispatchAlerts } from './alerts/dispatch.ts';
import { executionAlerts } from './alerts/executions.ts';
import { modelAlerts } from './alerts/models.ts';
import { resourceAlerts } from './alerts/resources.ts';
import { serviceAlerts } from './alerts/services.ts';
import { signalAlerts } from './alerts/signals.ts';
import { tradingAlerts } from './alerts/trading.ts';

export { type AlertDefinition, type Severity, severities } from './alerts/alert.ts';

/** All groups of alerts, in the order in which rules and documents list them. */
export const alertGroups = {
  services: serviceAlerts,
  executions: executionAlerts,
  signals: signalAlerts,
  dispatch: dispatchAlerts,
  trading: tradingAlerts,
  resources: resourceAlerts,
  models: modelAlerts,
} as const;

export const alerts = {
  ...serviceAlerts,
  ...executionAlerts,
  ...signalAlerts,
  ...dispatchAlerts,
  ...tradingAlerts,
  ...resourceAlerts,
  ...modelAlerts,
} as const;

export type AlertName = keyof typeof alerts;
export const alertNames = Object.keys(alerts) as [AlertName, ...AlertName[]];

export function alertDefinition(name: AlertName): AlertDefinition {
  return alerts[name];
}

/** Labels that the operator puts on every alert, and that Alertmanager routes, dashboards and objectives read. */
export const alertLabels = {
  severity: 'severity',
  service: 'service',
  namespace: 'namespace',
  /** The name of the TradingPipeline that the alert comes from. */
  pipeline: 'tradingpipeline',
  /**
   * The namespace of the TradingPipeline that the alert comes from; only on alerts of one's own, whose label `namespace` is
   * that of the series. The label `namespace` of all other alerts is the namespace of their TradingPipeline.
   */
  pipelineNamespace: 'tradingpipeline_namespace',
  /** The name of the objective in its TradingPipeline; only on alerts of objectives. */
  objective: 'objective',
} as const;
