/** The rules that are mutated. Each has the trials that must notice its mutants, the cheapest trial first. */
import { isDeepStrictEqual } from 'node:util';
import { parseDurationSeconds } from '#base/duration.ts';
import { alertNames } from '#catalogue/alerts.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { type AlertRule, isAlertRule, type Rule } from '#controller/compile/objects/generated-object.ts';
import { buildSharedObjectiveGroups } from '#controller/compile/objects/shared-rules.ts';
import { alertCases } from './alert-cases.ts';
import type { ObjectiveCase } from './objective-case.ts';
import { objectiveCases } from './objective-cases.ts';
import { buildObjectiveTrial, isLongGroup } from './objective-rules.ts';
import { operatorAlertCases } from './operator-alert-cases.ts';
import { buildOperatorTest, operatorRules } from './operator-rules.ts';
import { buildPlatformTest, rulesOfAlert } from './platform-rules.ts';
import { sharedTrials } from './shared-objective-cases.ts';
import type { Trial } from './trial.ts';

export interface Subject {
  /** Name of the alert, or of the recorded series with its labels. */
  readonly name: string;
  readonly rule: Rule;
  readonly trials: readonly Trial[];
  /**
   * An earlier rule that the same code builds and that is mutated in full. Of `rule`, only the pieces that `elder`
   * lacks are mutated. If undefined, `rule` is mutated in full.
   */
  readonly elder?: Rule | undefined;
}

/** Returns a subject with only the first rule of an alert, because the same code builds all its rules. */
function alertSubject(name: string, rules: readonly AlertRule[], tests: readonly object[]): Subject[] {
  const trial: Trial = { groups: [{ name: 'alert', rules }], every: '15s', tests };
  return rules.slice(0, 1).map((rule) => ({ name, rule, trials: [trial] }));
}

/**
 * Returns the subjects of objectives. The same code builds all rules that record the same name, so only the first such
 * rule is mutated in full.
 */
function objectiveSubjects(): Subject[] {
  const own = nameEach(objectiveCases.map(buildObjectiveTrial).flatMap(rulesOf), cheapestFirst);
  const shared = nameEach(rulesOf({ groups: buildSharedObjectiveGroups() }), allPipelinesTrials, ' of all pipelines');
  const all = [...own, ...shared];
  return all.map((subject) => {
    const eldest = all.find(({ rule }) => nameOf(rule) === nameOf(subject.rule));
    return eldest === subject ? subject : { ...subject, elder: eldest?.rule };
  });
}

/** Returns one subject for each name, with the first rule of that name. */
function nameEach(rules: readonly Rule[], trials: readonly Trial[], suffix = ''): Subject[] {
  const firsts = new Map<string, Rule>();
  for (const rule of rules) {
    const name = nameRule(rule) + suffix;
    if (!firsts.has(name)) firsts.set(name, rule);
  }
  return [...firsts].map(([name, rule]) => ({ name, rule, trials: trialsOf(rule, trials) }));
}

/**
 * Returns the trials that contain the rule. Prefers trials on recorded counts, because these do not evaluate every
 * minute again.
 */
function trialsOf(rule: Rule, trials: readonly Trial[]): readonly Trial[] {
  const all = trials.filter((trial) => hasRule(trial, rule));
  const recorded = all.filter(({ groups }) => groups.every(isLongGroup));
  return recorded.length > 0 ? recorded : all;
}

/** Returns a name that tells rules apart. Rules about all objectives of a TradingPipeline have no label `objective`. */
function nameRule(rule: Rule): string {
  if (isAlertRule(rule)) return rule.alert;
  const { objective, indicator, window } = rule.labels ?? {};
  return [rule.record, objective, indicator, window].filter((part) => part !== undefined).join(' ');
}

/** Returns the name of the alert or of the recorded series. */
function nameOf(rule: Rule): string {
  return isAlertRule(rule) ? rule.alert : rule.record;
}

function rulesOf({ groups }: Pick<Trial, 'groups'>): readonly Rule[] {
  return groups.flatMap(({ rules }) => rules);
}

function hasRule(trial: Trial, rule: Rule): boolean {
  return rulesOf(trial).some((one) => isDeepStrictEqual(one, rule));
}

/** Returns the number of evaluations in a case. */
function costOf({ silent, fires, expect = [], runs = '1m' }: ObjectiveCase): number {
  const times = [silent, fires].flatMap((asked) => Object.values(asked ?? {}).flat());
  const seconds = [...times, ...expect.map(({ at }) => at)].map(parseDurationSeconds);
  return Math.max(...seconds) / parseDurationSeconds(runs);
}

/** Maximum number of evaluations in a case. Longer cases would take hours for all mutants; recorded counts test long windows instead. */
const MOST_RUNS = 720;
const cheapestFirst = objectiveCases
  .filter((one) => one.recorded || costOf(one) <= MOST_RUNS)
  .toSorted((a, b) => costOf(a) - costOf(b))
  .map(buildObjectiveTrial);
const allPipelinesTrials = sharedTrials.map(([, trial]) => trial);

export const subjects: readonly Subject[] = [
  ...alertNames.flatMap((name) => {
    const cases = alertCases.filter(({ alert }) => alert === name);
    return alertSubject(name, rulesOfAlert(name), cases.map(buildPlatformTest));
  }),
  ...operatorAlertNames.flatMap((name) => {
    const cases = operatorAlertCases.filter(({ alert }) => alert === name);
    const rules = operatorRules.filter(({ alert }) => alert === name);
    return alertSubject(name, rules, cases.map(buildOperatorTest));
  }),
  ...objectiveSubjects(),
];
