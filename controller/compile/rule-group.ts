import type { AlertRule } from './alert-rule.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly alert?: undefined;
  readonly for?: undefined;
  readonly annotations?: undefined;
}

export type Rule = AlertRule | RecordingRule;

export interface RuleGroup {
  readonly name: string;
  /** How often it runs; Prometheus' own default when absent. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

export function isAlertRule(rule: Rule): rule is AlertRule {
  return rule.alert !== undefined;
}
