import type { AlertDefinition } from './alerts.ts';

/**
 * Alerts on the operator itself. They stand in a manifest of their own (controller/manifests/self-monitoring.yaml), not in a
 * TradingPipeline: an operator that is dead must not take them along. The expressions are in
 * controller/compile/alerts/operator-alerts.ts.
 */
export type OperatorAlertDefinition = Pick<
  AlertDefinition,
  'severity' | 'for' | 'threshold' | 'minVolume' | 'about'
> & {
  /** How far back the expression counts, as a Prometheus duration. */
  readonly window?: string;
};

export const operatorAlerts = {
  OperatorDown: {
    severity: 'critical',
    for: '2m',
    about: 'No operator answers its scrapes, or it has vanished from discovery',
  },
  OperatorLeadership: {
    severity: 'critical',
    for: '1m',
    about: 'Operators run, and not exactly one of them leads',
  },
  OperatorStuck: {
    severity: 'critical',
    for: '5m',
    window: '30m',
    about: 'Resources wait, or exist, and the operator has not reconciled one',
  },
  OperatorWatchOld: {
    severity: 'warning',
    for: '1m',
    threshold: 60,
    about: 'A watch has heard nothing from the API server for this many seconds',
  },
  OperatorReconcileErrors: {
    severity: 'warning',
    for: '10m',
    threshold: 0.1,
    minVolume: 5,
    window: '15m',
    about: 'More than this share of the reconciles fails',
  },
  OperatorQueueSlow: {
    severity: 'warning',
    for: '15m',
    threshold: 2,
    window: '10m',
    about: 'The 99th percentile of the time that a resource waits for its reconcile is above this many seconds',
  },
  OperatorResourcesNotReady: {
    severity: 'warning',
    for: '30m',
    about: 'TradingPipelines have not been Ready for long',
  },
  OperatorApiErrors: {
    severity: 'warning',
    for: '10m',
    threshold: 0.05,
    window: '10m',
    about: 'More than this share of the requests to the API server is refused, throttled or not answered',
  },
  OperatorPrometheusSilent: {
    severity: 'warning',
    for: '5m',
    window: '5m',
    about: 'The Prometheus that the operator asks has not answered once',
  },
  OperatorConflictStorm: {
    severity: 'warning',
    for: '15m',
    threshold: 20,
    window: '15m',
    about: 'The API server refuses more than this many writes of one kind as conflicts, again and again',
  },
  OperatorDriftStorm: {
    severity: 'warning',
    for: '15m',
    threshold: 10,
    window: '15m',
    about: 'More than this many generated objects of one kind are changed by others and put right, again and again',
  },
} as const satisfies Record<string, OperatorAlertDefinition>;

export type OperatorAlertName = keyof typeof operatorAlerts;
export const operatorAlertNames = Object.keys(operatorAlerts) as [OperatorAlertName, ...OperatorAlertName[]];

export function operatorAlertDefinition(name: OperatorAlertName): OperatorAlertDefinition {
  return operatorAlerts[name];
}
