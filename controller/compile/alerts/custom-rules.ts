/**
 * Builds the alerts that users write (`spec.alerts.custom`). Prometheus refuses a whole PrometheusRule if one rule is
 * invalid, so each custom alert is checked first. An invalid alert is left out and reported. If there is an earlier
 * valid rule of the same name, it stays in the place of the invalid alert. Pure.
 */
import { spellBounds } from '#base/promql/bucket-bounds.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { reasons } from '../../api/names.ts';
import type { CustomAlertSpec } from '../../api/trading-pipeline.ts';
import { type AlertRule, sortKeys } from '../objects/generated-object.ts';
import { CheckBudget } from '../promql/check-budget.ts';
import { type IsExternal, resultLabels } from '../promql/check-names.ts';
import { checkQuery, type QueryProblem, withinBounds } from '../promql/check-query.ts';
import type { KnownLabels } from '../promql/known-series.ts';
import type { AlertSubject } from './alert-rule.ts';
import { checkTemplate, findTemplateExcess } from './check-template.ts';

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
  const budget = new CheckBudget();
  for (const spec of custom) {
    const wrong = findProblem(spec, known.isExternal, budget);
    const kept = wrong && known.lastGood.find((rule) => rule.alert === spec.alert);
    if (wrong) rejected.push({ ...wrong, lastGoodKept: kept !== undefined });
    const rule = wrong ? kept : buildCustomRule(spec, subject, known.isExternal);
    if (rule) rules.push(rule);
  }
  return { rules, rejected };
}

function buildCustomRule(spec: CustomAlertSpec, subject: AlertSubject, isExternal: IsExternal): AlertRule {
  const { expr, labels = {} } = spec;
  const carried = resultLabels(expr, isExternal);
  return {
    alert: spec.alert,
    expr: spellBounds(expr),
    for: spec.for,
    labels: {
      ...subject.labels,
      [alertLabels.severity]: 'warning',
      [alertLabels.namespace]: namespaceLabel(carried, subject),
      ...otherResource(carried),
      ...sortKeys(labels),
      [alertLabels.pipeline]: subject.pipeline,
      [alertLabels.pipelineNamespace]: subject.namespace,
    },
    ...(spec.annotations && { annotations: sortKeys(spec.annotations) }),
  };
}

/**
 * Returns the value of the label `namespace`: a template that keeps the namespace of the series, and takes that of the
 * TradingPipeline for a series without one. A fixed value would say that a pod of another namespace is in this one, and two
 * series that differ only in their namespace would become one alert, which Prometheus refuses to evaluate.
 */
function namespaceLabel(carried: KnownLabels, { namespace }: AlertSubject): string {
  if (carried !== 'any' && !carried.has(alertLabels.namespace)) return namespace;
  return `{{ with $labels.namespace }}{{ . }}{{ else }}${namespace}{{ end }}`;
}

/**
 * Keeps the resource of series that objectives of several resources record, under the name that Prometheus gives to a label
 * whose own name is taken: the label `tradingpipeline` names the resource that the alert belongs to.
 */
function otherResource(carried: KnownLabels): Record<string, string> {
  if (carried === 'any' || !carried.has(alertLabels.pipeline)) return {};
  return { [`exported_${alertLabels.pipeline}`]: `{{ $labels.${alertLabels.pipeline} }}` };
}

function findProblem(
  spec: CustomAlertSpec,
  isExternal: IsExternal,
  budget: CheckBudget,
): Omit<RejectedRule, 'lastGoodKept'> | undefined {
  const at = `spec.alerts.custom[alert=${spec.alert}]`;
  const wrong = budget.take(spec.expr) ?? checkQuery(spec.expr, isExternal);
  if (wrong) return { path: `${at}.expr`, ...wrong };
  for (const field of ['labels', 'annotations'] as const) {
    for (const [name, text] of Object.entries(spec[field] ?? {})) {
      const wrong = budget.take(text) ?? withinBounds(() => findTemplateProblem(text));
      if (wrong) return { path: `${at}.${field}.${name}`, ...wrong };
    }
  }
  return undefined;
}

function findTemplateProblem(text: string): QueryProblem | undefined {
  const excess = findTemplateExcess(text);
  if (excess) return { reason: reasons.ruleTooComplex, message: excess };
  const message = checkTemplate(text);
  return message === undefined ? undefined : { reason: reasons.ruleDoesNotParse, message };
}
