/** A trial: rules and promtool's tests of them. A change of a rule that no trial notices is not tested. */
import { isDeepStrictEqual } from 'node:util';
import { isAlertRule, type Rule, type RuleGroup } from '#controller/compile/objects/generated-object.ts';

export interface Trial {
  readonly groups: readonly RuleGroup[];
  /** How often promtool evaluates every rule. It ignores the intervals of groups. */
  readonly every: string;
  /** Promtool's own tests. */
  readonly tests: readonly object[];
}

/** The files of a trial for promtool; the first is the one to run. Rules that the tests do not need are left out to save time. */
export function buildTrialFiles(name: string, trial: Trial): Record<string, object> {
  const { every, tests } = trial;
  const rules = `${name}.rules.yaml`;
  const groups = keepAskedFor(trial);
  const order = groups.map((group) => group.name);
  return {
    [`${name}.yaml`]: { rule_files: [rules], evaluation_interval: every, group_eval_order: order, tests },
    [rules]: { groups },
  };
}

/** The trial with one rule replaced. */
export function replaceRule(trial: Trial, rule: Rule, other: Rule): Trial {
  const groups = trial.groups.map((group) => ({
    ...group,
    rules: group.rules.map((one) => (isDeepStrictEqual(one, rule) ? other : one)),
  }));
  return { ...trial, groups };
}

/** The rules that the tests name, the rules that record what those read, and so on. */
function keepAskedFor({ groups, tests }: Trial): readonly RuleGroup[] {
  let text = JSON.stringify(tests);
  if (text.includes('__name__')) return groups;
  for (let before = ''; before !== text; ) {
    before = text;
    text = JSON.stringify([tests, pick(groups, before)]);
  }
  return pick(groups, text);
}

function pick(groups: readonly RuleGroup[], text: string): readonly RuleGroup[] {
  const isNamed = (rule: Rule) =>
    isAlertRule(rule) ? text.includes(rule.alert) || text.includes('(ALERTS)') : text.includes(rule.record);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(isNamed) }))
    .filter(({ rules }) => rules.length > 0);
}
