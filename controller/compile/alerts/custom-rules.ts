/**
 * Builds the alerts that users write (`spec.alerts.custom`). Prometheus refuses a whole PrometheusRule if one rule is
 * invalid, so each custom alert is checked first. An invalid alert is left out and reported. If there is an earlier
 * valid rule of the same name, it stays in the place of the invalid alert. Pure.
 */
import { alertLabels } from '#catalogue/alerts.ts';
import { reasons } from '../../api/names.ts';
import type { CustomAlertSpec } from '../../api/trading-pipeline.ts';
import { type AlertRule, sortKeys } from '../objects/generated-object.ts';
import { checkQuery, type IsExternal, type QueryProblem } from '../promql/check-names.ts';
import type { AlertSubject } from './alert-rule.ts';
import { checkTemplate } from './check-template.ts';

export interface RejectedRule extends QueryProblem {
  /** Path of the invalid field, beginning with `spec`. */
  readonly path: string;
  /** True if the last valid rule of the same name stays in the PrometheusRule. */
  readonly lastGoodKept: boolean;
}

interface CustomRules {
  readonly rules: readonly AlertRule[];
  readonly rejected: readonly RejectedRule[];
}

export function buildCustomRules(
  custom: readonly CustomAlertSpec[],
  subject: AlertSubject,
  known: { readonly lastGood: readonly AlertRule[]; readonly isExternal: IsExternal },
): CustomRules {
  const rules: AlertRule[] = [];
  const rejected: RejectedRule[] = [];
  for (const spec of custom) {
    const wrong = findProblem(spec, known.isExternal);
    const kept = wrong && known.lastGood.find((rule) => rule.alert === spec.alert);
    if (wrong) rejected.push({ ...wrong, lastGoodKept: kept !== undefined });
    const rule = wrong ? kept : buildCustomRule(spec, subject);
    if (rule) rules.push(rule);
  }
  return { rules, rejected };
}

function buildCustomRule(spec: CustomAlertSpec, subject: AlertSubject): AlertRule {
  return {
    alert: spec.alert,
    expr: spec.expr,
    for: spec.for,
    labels: {
      ...subject.labels,
      [alertLabels.severity]: 'warning',
      ...sortKeys(spec.labels ?? {}),
      [alertLabels.namespace]: subject.namespace,
      [alertLabels.pipeline]: subject.pipeline,
    },
    ...(spec.annotations && { annotations: sortKeys(spec.annotations) }),
  };
}

function findProblem(spec: CustomAlertSpec, isExternal: IsExternal): Omit<RejectedRule, 'lastGoodKept'> | undefined {
  const at = `spec.alerts.custom[alert=${spec.alert}]`;
  const wrong = checkQuery(spec.expr, isExternal);
  if (wrong) return { path: `${at}.expr`, ...wrong };
  for (const field of ['labels', 'annotations'] as const) {
    for (const [name, text] of Object.entries(spec[field] ?? {})) {
      const message = checkTemplate(text);
      if (message) return { path: `${at}.${field}.${name}`, reason: reasons.ruleDoesNotParse, message };
    }
  }
  return undefined;
}
