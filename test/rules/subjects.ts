/** The rules that are mutated, each with the trials that must notice a mutant, the cheapest trial first. */
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
  /** The alert, or the recorded series and its labels. */
  readonly name: string;
  readonly rule: Rule;
  readonly trials: readonly Trial[];
  /** Another rule that the same code builds and that is mutated too. Only pieces that it lacks are mutated here. */
  readonly elder?: Rule | undefined;
}

/** Mutates only the first rule of an alert, because the same code builds all of them. */
function alertSubject(name: string, rules: readonly AlertRule[], tests: readonly object[]): Subject[] {
  const trial: Trial = { groups: [{ name: 'alert', rules }], every: '15s', tests };
  return rules.slice(0, 1).map((rule) => ({ name, rule, trials: [trial] }));
}

/** Rules that record the same name are built by the same code, so only the first of them is mutated in full. */
function objectiveSubjects(): Subject[] {
  const own = nameEach(objectiveCases.map(buildObjectiveTrial).flatMap(rulesOf), cheapestFirst);
  const shared = nameEach(rulesOf({ groups: buildSharedObjectiveGroups() }), allPipelinesTrials, ' of all pipelines');
  const all = [...own, ...shared];
  return all.map((subject) => {
    const eldest = all.find(({ rule }) => nameOf(rule) === nameOf(subject.rule));
    return eldest === subject ? subject : { ...subject, elder: eldest?.rule };
  });
}

/** One subject for each name, with the first rule of that name. */
function nameEach(rules: readonly Rule[], trials: readonly Trial[], suffix = ''): Subject[] {
  const firsts = new Map<string, Rule>();
  for (const rule of rules) {
    const name = nameRule(rule) + suffix;
    if (!firsts.has(name)) firsts.set(name, rule);
  }
  return [...firsts].map(([name, rule]) => ({ name, rule, trials: trialsOf(rule, trials) }));
}

/** Prefers trials on recorded counts, which do not compute every minute again. */
function trialsOf(rule: Rule, trials: readonly Trial[]): readonly Trial[] {
  const all = trials.filter((trial) => hasRule(trial, rule));
  const recorded = all.filter(({ groups }) => groups.every(isLongGroup));
  return recorded.length > 0 ? recorded : all;
}

/** Rules about all objectives of a resource have no label `objective`. */
function nameRule(rule: Rule): string {
  if (isAlertRule(rule)) return rule.alert;
  const { objective, indicator, window } = rule.labels ?? {};
  return [rule.record, objective, indicator, window].filter((part) => part !== undefined).join(' ');
}

/** The name of the alert or of the recorded series. */
function nameOf(rule: Rule): string {
  return isAlertRule(rule) ? rule.alert : rule.record;
}

function rulesOf({ groups }: Pick<Trial, 'groups'>): readonly Rule[] {
  return groups.flatMap(({ rules }) => rules);
}

function hasRule(trial: Trial, rule: Rule): boolean {
  return rulesOf(trial).some((one) => isDeepStrictEqual(one, rule));
}

/** The number of evaluations in a case. */
function costOf({ silent, fires, expect = [], runs = '1m' }: ObjectiveCase): number {
  const times = [silent, fires].flatMap((asked) => Object.values(asked ?? {}).flat());
  const seconds = [...times, ...expect.map(({ at }) => at)].map(parseDurationSeconds);
  return Math.max(...seconds) / parseDurationSeconds(runs);
}

/** Longer cases would take hours for all mutants. Long windows are tried on recorded counts instead. */
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
