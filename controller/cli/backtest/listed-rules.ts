import type { KubeObject } from '../../api/kube-object.ts';
import type { Rule, RuleGroup } from '../../compile/objects/rule-group.ts';

/** The rules of a PrometheusRule; none of any other object. */
export function rulesOf({ kind, spec }: KubeObject): Rule[] {
  if (kind !== 'PrometheusRule') return [];
  return (spec as { groups: RuleGroup[] }).groups.flatMap(({ rules }) => rules);
}
