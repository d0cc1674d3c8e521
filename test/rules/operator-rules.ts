import type { OperatorAlertName } from '#catalogue/operator-alerts.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { buildOperatorAlerts } from '#controller/compile/objects/operator-monitoring.ts';
import { type AlertCase, buildAlertTest } from './alert-case.ts';

/** The alerting rules about an operator in the namespace `ops`. */
export const operatorRules = buildOperatorAlerts({ namespace: 'ops', runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL });

/** Builds the promtool test of a case, with the alerting rules about the operator. */
export function buildOperatorTest(one: AlertCase<OperatorAlertName>): object {
  const annotations = operatorRules.find(({ alert }) => alert === one.alert)?.annotations ?? {};
  return buildAlertTest(one, { labels: { ...one.labels, service: 'controller', namespace: 'ops' }, annotations });
}
