import type { KubeObject } from '../../api/kube-object.ts';
import type { AlertRule } from '../alerts/alert-rule.ts';

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

/** Of a PrometheusRule; none of any other object. */
export function groupsOf({ spec }: Pick<KubeObject, 'spec'>): readonly RuleGroup[] {
  return (spec as { groups?: readonly RuleGroup[] } | undefined)?.groups ?? [];
}

export function isAlertRule(rule: Rule): rule is AlertRule {
  return rule.alert !== undefined;
}
