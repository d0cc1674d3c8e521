/** The parts of generated objects: owner, name and labels of any of them, and the groups of rules in a PrometheusRule. Pure. */
import type { KubeObject, ObjectMeta } from '../../api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels, PART_OF } from '../../api/names.ts';

/** The TradingPipeline an object is generated for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Labels that every generated object gets. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Name, labels and owner of a generated object.
 * @param suffix follows the resource's name after a dot, and must not hold a dot itself. Then no two resources get the same name:
 *   `a.b-c` differs from `a-b.c`. Without a suffix the object has the resource's name.
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

/** The map in one order of keys: the compiled bytes must not depend on the order in which a user wrote them. */
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
