/**
 * The alerts on the operator itself. Their rules do not belong to a TradingPipeline. They are in a manifest of their
 * own (controller/manifests/self-monitoring.yaml), because they must also fire when the operator is down.
 */
import type { OperatorAlertDefinition } from './alerts/alert.ts';
import { operatorAlerts as ownAlerts } from './alerts/operator.ts';
import { operatorPeerAlerts } from './alerts/operator-peers.ts';

export type { OperatorAlertScope } from './alerts/alert.ts';

const operatorAlerts = { ...ownAlerts, ...operatorPeerAlerts } as const;

export type OperatorAlertName = keyof typeof operatorAlerts;
export const operatorAlertNames = Object.keys(operatorAlerts) as [OperatorAlertName, ...OperatorAlertName[]];

export function operatorAlertDefinition(name: OperatorAlertName): OperatorAlertDefinition {
  return operatorAlerts[name];
}
