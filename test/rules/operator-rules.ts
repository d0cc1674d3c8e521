import type { OperatorAlertName } from '#catalogue/operator-alerts.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { buildOperatorAlerts } from '#controller/compile/objects/operator-monitoring.ts';
import { type AlertCase, buildAlertTest } from './alert-case.ts';

/** The alerts on an operator in the namespace `ops`. */
export const operatorRules = buildOperatorAlerts({ namespace: 'ops', runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL });

/** Builds promtool's test of a case on these rules. */
export function buildOperatorTest(one: AlertCase<OperatorAlertName>): object {
  const annotations = operatorRules.find(({ alert }) => alert === one.alert)?.annotations ?? {};
  return buildAlertTest(one, { labels: { ...one.labels, service: 'controller', namespace: 'ops' }, annotations });
}
