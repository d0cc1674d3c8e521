/**
 * Objectives → one group of recording and alerting rules. Pure.
 *
 * Events are read from their counters once a minute, as counts. Every longer window is a sum of those counts, good and bad
 * alike, so that an hour with many events weighs more than an hour with few: ratios are never averaged. Where nothing
 * happened, a ratio is absent, never NaN. Only the first rules are made for each objective; the sums are made once for
 * all of a resource's.
 */

import { alertLabels } from '#catalogue/alerts.ts';
import { type ObjectiveSeries, objectiveAlertNames, objectiveAlerts, objectiveSeries } from '#catalogue/objectives.ts';
import { parseDurationSeconds } from '#timing/duration.ts';
import type { ObjectiveSpec } from '../../api/objective-schema.ts';
import type { AlertRule } from '../alert-rule.ts';
import type { IsExternal } from '../check-names.ts';
import type { RejectedRule } from '../custom-rules.ts';
import type { Owner } from '../object-meta.ts';
import { type Matchers, series } from '../promql.ts';
import type { RecordingRule, Rule } from '../recording-rule.ts';
import { type BurnAlertSubject, buildBurnAlerts, countsFor, sumOver } from './burn-alerts.ts';
import { countEvents } from './count-events.ts';
import { exactly, type Objective, resolveObjective } from './resolve-objective.ts';

/** How often the rules run: what `increase1m` means. */
export const OBJECTIVES_INTERVAL = '1m';
const INTERVAL_SECONDS = 60;

export interface ObjectivesInput extends BurnAlertSubject {
  readonly owner: Owner;
  /** Counts only this pipeline's events. */
  readonly pipelineId?: string;
  readonly isExternal: IsExternal;
  /** Rules as they last were right. */
  readonly lastGood: readonly Rule[];
}

export interface BuiltObjectives {
  readonly recording: readonly RecordingRule[];
  readonly alerting: readonly AlertRule[];
  readonly rejected: readonly RejectedRule[];
  /** What to fall back on when a user's own indicator goes wrong. */
  readonly customRules: readonly RecordingRule[];
}

interface Counted {
  readonly objective: Objective;
  readonly rules: readonly RecordingRule[];
}

export function buildObjectiveRules(specs: readonly ObjectiveSpec[], input: ObjectivesInput): BuiltObjectives {
  const { owner } = input;
  const rejected: RejectedRule[] = [];
  const counted = specs.flatMap((spec) => {
    const { rules, wrong } = buildCounts(resolveObjective(spec), input);
    if (wrong) rejected.push({ ...wrong, lastGoodKept: rules.length > 0 });
    return rules.length > 0 ? [{ objective: resolveObjective(spec), rules }] : [];
  });
  const objectives = counted.map(({ objective }) => objective);
  return {
    recording: counted.length === 0 ? [] : [...counted.flatMap(buildOwn(owner)), ...buildShared(owner, objectives)],
    alerting: objectives.flatMap((one) => buildBurnAlerts(one, identityOf(owner, one.name), input)),
    rejected,
    customRules: counted.flatMap(({ objective, rules }) => (objective.indicator.custom ? rules : [])),
  };
}

function identityOf({ namespace, name }: Owner, objective: string): Record<string, string> {
  return {
    [alertLabels.namespace]: namespace,
    [alertLabels.pipeline]: name,
    [alertLabels.objective]: objective,
  };
}

/** The two rules that read the counters; the last good ones where the user's own are wrong. */
function buildCounts(objective: Objective, { owner, pipelineId, lastGood, isExternal }: ObjectivesInput) {
  const counts = countEvents(objective.indicator, { namespace: owner.namespace, pipelineId, isExternal });
  const labels = identityOf(owner, objective.name);
  if ('problem' in counts) {
    const path = `spec.objectives[name=${objective.name}].indicator.custom.${counts.field}`;
    return { rules: keptCounts(objective.name, lastGood), wrong: { path, ...counts.problem } };
  }
  const events = series(objectiveSeries.events, labels);
  const rules: RecordingRule[] = [
    { record: objectiveSeries.events, expr: counts.events, labels },
    { record: objectiveSeries.badEvents, expr: counts.badEvents(events), labels },
  ];
  return { rules };
}

function keptCounts(name: string, lastGood: readonly Rule[]): RecordingRule[] {
  return lastGood.filter(isEventCount).filter(({ labels }) => labels?.[alertLabels.objective] === name);
}

/** Whether a rule is one of the two that read the counters of an objective. */
export function isEventCount(rule: Rule): rule is RecordingRule {
  return 'record' in rule && (rule.record === objectiveSeries.events || rule.record === objectiveSeries.badEvents);
}

function buildOwn(owner: Owner) {
  return ({ objective, rules }: Counted): RecordingRule[] => [
    ...rules,
    {
      record: objectiveSeries.errorBudget,
      expr: `vector(${exactly(1 - objective.target)})`,
      labels: identityOf(owner, objective.name),
    },
  ];
}

/** The sums, of all objectives of a resource at once. */
function buildShared(owner: Owner, objectives: readonly Objective[]): RecordingRule[] {
  const ours = { [alertLabels.namespace]: owner.namespace, [alertLabels.pipeline]: owner.name };
  const burnWindows = objectiveAlertNames.flatMap((name) =>
    objectiveAlerts[name].windows.flatMap(({ long, short }) => [short, long]),
  );
  const promised = [...new Set(objectives.map(({ window }) => window))];
  return [
    everyFiveMinutes(objectiveSeries.events5m, series(objectiveSeries.events, ours)),
    everyFiveMinutes(objectiveSeries.badEvents5m, series(objectiveSeries.badEvents, ours)),
    ...[...new Set(burnWindows)].map((window) => burnRate(window, ours)),
    ...promised.flatMap((window) => {
      const names = objectives.filter((one) => one.window === window).map(({ name }) => name);
      return promise(window, { ...ours, [alertLabels.objective]: names });
    }),
  ];
}

/** One sample in five, so that the samples add up to what was counted. */
function everyFiveMinutes(record: ObjectiveSeries, counts: string): RecordingRule {
  return {
    record,
    expr: `${sumOver(counts, '5m')}\nand on () (vector(time() % 300) < ${INTERVAL_SECONDS})`,
  };
}

function badShare(window: string, of: Matchers): string {
  const { events, badEvents } = countsFor(window);
  const sum = (name: ObjectiveSeries) => sumOver(series(name, of), window);
  return `${sum(badEvents)}\n/\n(${sum(events)} > 0)`;
}

function burnRate(window: string, of: Matchers): RecordingRule {
  const expr = `${badShare(window, of)}\n/\n${series(objectiveSeries.errorBudget, of)}`;
  return { record: objectiveSeries.burnRate, expr, labels: { window } };
}

/** What is kept of a promise: the share of good events, what is left of the budget, and for how long. */
function promise(window: string, of: Matchers): RecordingRule[] {
  const success = series(objectiveSeries.success, { ...of, window });
  const budget = series(objectiveSeries.errorBudget, of);
  const left = series(objectiveSeries.budgetRemaining, { ...of, window });
  const burning = series(objectiveSeries.burnRate, { ...of, window: '1h' });
  return [
    { record: objectiveSeries.success, expr: `1 - ${badShare(window, of)}`, labels: { window } },
    // Without any event the budget is whole.
    {
      record: objectiveSeries.budgetRemaining,
      expr: `1 - (1 - ${success}) / ignoring (window) ${budget}\nor\n0 * ${budget} + 1 and ${series(objectiveSeries.events, of)}`,
      labels: { window },
    },
    {
      record: objectiveSeries.exhaustion,
      expr: `clamp_min(${left}, 0) * ${parseDurationSeconds(window)} / ignoring (window) (${burning} > 0)`,
      labels: { window },
    },
  ];
}
