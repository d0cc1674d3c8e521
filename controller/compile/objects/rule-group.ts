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
  /** The name of the series that it records. */
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly alert?: undefined;
  readonly for?: undefined;
  readonly annotations?: undefined;
}

export type Rule = AlertRule | RecordingRule;

/** Prometheus evaluates the rules of a group one after the other, at one time. */
export interface RuleGroup {
  readonly name: string;
  /** How often it is evaluated; Prometheus' default if absent. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

/** The groups of a PrometheusRule. Any other object has none. */
export function groupsOf({ spec }: Pick<KubeObject, 'spec'>): readonly RuleGroup[] {
  return (spec as { groups?: readonly RuleGroup[] } | undefined)?.groups ?? [];
}

export function isAlertRule(rule: Rule): rule is AlertRule {
  return rule.alert !== undefined;
}
