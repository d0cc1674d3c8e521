/** The parts of generated objects: owner, name and labels of every object, and the rule groups of a PrometheusRule. Pure. */
import type { KubeObject, ObjectMeta } from '../../api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels, PART_OF } from '../../api/names.ts';

/** The TradingPipeline that an object is generated for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Labels of `spec.labels`, which every generated object gets. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Builds name, labels and owner reference of a generated object.
 * @param suffix follows the TradingPipeline's name after a dot, and must not contain a dot itself. Then objects of two
 *   TradingPipelines never have the same name: `a.b-c` differs from `a-b.c`. Without a suffix the object has the
 *   TradingPipeline's name.
 */
export function buildObjectMeta(
  owner: Owner,
  suffix: string | undefined,
  extraLabels: Readonly<Record<string, string>> = {},
): ObjectMeta {
  return {
    name: suffix === undefined ? owner.name : `${owner.name}.${suffix}`,
    namespace: owner.namespace,
    labels: {
      ...owner.labels,
      ...extraLabels,
      [labels.managedBy]: FIELD_MANAGER,
      [labels.partOf]: PART_OF,
      [labels.pipeline]: owner.name,
    },
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: KIND,
        name: owner.name,
        uid: owner.uid,
        controller: true,
        blockOwnerDeletion: false,
      },
    ],
  };
}

/** Returns the map with sorted keys, because the compiled bytes must not depend on the order in which a user wrote the keys. */
export function sortKeys<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

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
