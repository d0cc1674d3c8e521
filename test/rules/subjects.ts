/** The rules that are mutated, each with the trials that must notice, the cheapest first. */
import { isDeepStrictEqual } from 'node:util';
import { parseDurationSeconds } from '#base/duration.ts';
import { alertNames } from '#catalogue/alerts.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { buildSharedObjectiveGroups } from '#controller/compile/objectives/shared-objectives.ts';
import type { AlertRule } from '#controller/compile/objects/rule-group.ts';
import { isAlertRule, type Rule } from '#controller/compile/objects/rule-group.ts';
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
  /** The alert, or what is recorded of what. */
  readonly name: string;
  readonly rule: Rule;
  readonly trials: readonly Trial[];
  /** Another rule of its recipe, which is mutated too: only what it does not say is tried here. */
  readonly elder?: Rule | undefined;
}

/** Of the rules of one alert the first stands for all: they come from one recipe. */
function alertSubject(name: string, rules: readonly AlertRule[], tests: readonly object[]): Subject[] {
  const trial: Trial = { groups: [{ name: 'alert', rules }], every: '15s', tests };
  return rules.slice(0, 1).map((rule) => ({ name, rule, trials: [trial] }));
}

/** What is recorded under one name is of one recipe, whatever it is of. */
function objectiveSubjects(): Subject[] {
  const own = nameEach(objectiveCases.map(buildObjectiveTrial).flatMap(rulesOf), cheapestFirst);
  const shared = nameEach(rulesOf({ groups: buildSharedObjectiveGroups() }), allPipelinesTrials, ' of all pipelines');
  const all = [...own, ...shared];
  return all.map((subject) => {
    const eldest = all.find(({ rule }) => nameOf(rule) === nameOf(subject.rule));
    return eldest === subject ? subject : { ...subject, elder: eldest?.rule };
  });
}

/** Each name once, by the first rule that has it. */
function nameEach(rules: readonly Rule[], trials: readonly Trial[], suffix = ''): Subject[] {
  const firsts = new Map<string, Rule>();
  for (const rule of rules) {
    const name = nameRule(rule) + suffix;
    if (!firsts.has(name)) firsts.set(name, rule);
  }
  return [...firsts].map(([name, rule]) => ({ name, rule, trials: trialsOf(rule, trials) }));
}

/** Where a rule is tried on recorded counts, the minutes that lead to them are not made again. */
function trialsOf(rule: Rule, trials: readonly Trial[]): readonly Trial[] {
  const all = trials.filter((trial) => hasRule(trial, rule));
  const recorded = all.filter(({ groups }) => groups.every(isLongGroup));
  return recorded.length > 0 ? recorded : all;
}

/** A rule that is about all objectives of a resource names none in its labels. */
function nameRule(rule: Rule): string {
  if (isAlertRule(rule)) return rule.alert;
  const { objective, indicator, window } = rule.labels ?? {};
  return [rule.record, objective, indicator, window].filter((part) => part !== undefined).join(' ');
}

/** As Prometheus names it. */
function nameOf(rule: Rule): string {
  return isAlertRule(rule) ? rule.alert : rule.record;
}

function rulesOf({ groups }: Pick<Trial, 'groups'>): readonly Rule[] {
  return groups.flatMap(({ rules }) => rules);
}

function hasRule(trial: Trial, rule: Rule): boolean {
  return rulesOf(trial).some((one) => isDeepStrictEqual(one, rule));
}

/** How often its rules are evaluated. */
function costOf({ silent, fires, expect = [], runs = '1m' }: ObjectiveCase): number {
  const times = [silent, fires].flatMap((asked) => Object.values(asked ?? {}).flat());
  const seconds = [...times, ...expect.map(({ at }) => at)].map(parseDurationSeconds);
  return Math.max(...seconds) / parseDurationSeconds(runs);
}

/** Cases of days, minute by minute, would take hours; what is long is tried on recorded counts. */
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
