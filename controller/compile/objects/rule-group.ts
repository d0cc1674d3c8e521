import type { KubeObject } from '../../api/kube-object.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold before the alert fires, as a Prometheus duration. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RecordingRule {
  /** Name of the series that the rule records. */
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly alert?: undefined;
  readonly for?: undefined;
  readonly annotations?: undefined;
}

export type Rule = AlertRule | RecordingRule;

/** A rule group. Prometheus evaluates its rules one after the other, all for the same timestamp. */
export interface RuleGroup {
  readonly name: string;
  /** How often the group is evaluated, as a Prometheus duration; Prometheus' default if absent. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

/** Returns the groups of a PrometheusRule, or an empty list for any other object. */
export function groupsOf({ spec }: Pick<KubeObject, 'spec'>): readonly RuleGroup[] {
  return (spec as { groups?: readonly RuleGroup[] } | undefined)?.groups ?? [];
}

export function isAlertRule(rule: Rule): rule is AlertRule {
  return rule.alert !== undefined;
}
