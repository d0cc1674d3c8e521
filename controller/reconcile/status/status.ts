/**
 * Builds the status of a TradingPipeline from the findings of a reconcile, decides whether it differs enough from the status in
 * the cluster to be written, and plans the Events for changed conditions. Pure: the time is passed in.
 */
import { resources } from '../../api/kube-object.ts';
import { CONFLICT_RESOLVED, conditionTypes, FOREIGN_FIELDS_GONE } from '../../api/names.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { canonicalJson } from '../observed.ts';
import { buildConditions, type Findings } from './conditions.ts';
import type { ConditionEvent } from './verdict.ts';

type ObjectiveStatus = NonNullable<TradingPipelineStatus['objectives']>[number];

/** @param now the current time, ISO 8601, with a resolution of one second */
export function buildStatus(resource: TradingPipeline, findings: Findings, now: string): TradingPipelineStatus {
  const generation = resource.metadata.generation ?? 0;
  const previous = resource.status?.conditions ?? [];
  const conditions = buildConditions(findings, { generation, now, previous });
  // While paused, observedGeneration stays at the generation that was last acted on.
  if (findings.paused) return { ...lastingPart(resource.status), conditions };
  if (findings.invalid.length > 0)
    return { ...lastingPart(resource.status), observedGeneration: generation, conditions };
  const { alerts, objectives } = findings.monitoring ?? {};
  return {
    observedGeneration: generation,
    conditions,
    summary: summarize(findings),
    services: findings.services.map(({ name, endpoints }) => ({ name, endpoints })),
    ...(alerts && { alerts }),
    ...(objectives && { objectives: [...objectives] }),
    ...(findings.registration?.executions && { executions: findings.registration.executions }),
    resources: findings.objects.map(({ kind, name }) => ({ kind, name })),
  };
}

/**
 * Returns the part of the last status that still holds while the spec is invalid: the generated objects, which still exist.
 * Alerts, objectives and executions are left out, because they are no longer updated.
 */
function lastingPart({
  alerts: _alerts,
  objectives: _objectives,
  executions: _executions,
  summary,
  ...rest
}: TradingPipelineStatus = {}) {
  const { budget: _budget, ...counts } = summary ?? {};
  return { ...rest, ...(summary && { summary: counts }) };
}

function summarize({ services, lostServices, alerts, objects, monitoring }: Findings) {
  const budget = worstBudget(monitoring?.objectives ?? []);
  const lost = new Set(lostServices.map(({ service }) => service));
  const up = services.filter(({ name, endpoints }) => endpoints > 0 && !lost.has(name));
  return {
    ...(services.length > 0 && { services: `${up.length}/${services.length}` }),
    alerts,
    ...(budget !== undefined && { budget }),
    dashboards: objects.filter(({ kind }) => kind === resources.configMap.kind).length,
  };
}

/** Returns the smallest error budget that is left, for the column Budget of `kubectl get`; undefined if none is known. */
function worstBudget(objectives: readonly ObjectiveStatus[]): string | undefined {
  const known = objectives.flatMap((objective) => objective.budgetRemaining ?? []);
  return known.length === 0 ? undefined : `${Math.floor(Math.min(...known))}%`;
}

/**
 * How much a new status differs from the one in the cluster. `state`: write now. `numbers`: only figures have changed, so write
 * only if the last such write is old enough. `none`: do not write. Figures change with every poll of Prometheus, and writing
 * each change would load the API server for nothing.
 */
export type StatusChange = 'none' | 'numbers' | 'state';

/** A figure counts as changed if it differs by at least this share of its value. */
const NOTABLE = 0.01;

/** Conditions whose messages contain counts and errors that change from scrape to scrape. */
const lively: readonly string[] = [conditionTypes.targetsUp, conditionTypes.rulesLoaded];

export function compareStatus(actual: TradingPipelineStatus | undefined, wanted: TradingPipelineStatus): StatusChange {
  const [before, after] = [ownPart(actual), ownPart(wanted)];
  if (canonicalJson(statePart(before)) !== canonicalJson(statePart(after))) return 'state';
  const moved =
    canonicalJson(livelyMessages(before)) !== canonicalJson(livelyMessages(after)) || haveMoved(before, after);
  return moved ? 'numbers' : 'none';
}

/** Returns the status without conditions that other controllers added. */
function ownPart(status: TradingPipelineStatus = {}): TradingPipelineStatus {
  const own: readonly string[] = Object.values(conditionTypes);
  const conditions = (status.conditions ?? []).filter(({ type }) => own.includes(type));
  return { ...status, conditions: conditions.sort((a, b) => (a.type < b.type ? -1 : 1)) };
}

/** Returns the status without figures and without the messages that contain figures. */
function statePart({ objectives, executions, summary, conditions, ...rest }: TradingPipelineStatus): object {
  const { budget: _budget, ...counts } = summary ?? {};
  return {
    ...rest,
    summary: counts,
    executions: executions && {},
    objectives: objectives?.map(({ name, target }) => ({ name, target })),
    conditions: conditions?.map((one) => (lively.includes(one.type) ? { ...one, message: '' } : one)),
  };
}

/** Returns the figures of an objective that are known. */
function figures({ current, budgetRemaining, burnRate }: ObjectiveStatus): [name: string, value: number][] {
  return Object.entries({ current, budgetRemaining, burnRate }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
}

function livelyMessages({ conditions = [] }: TradingPipelineStatus): string[] {
  return conditions.filter(({ type }) => lively.includes(type)).map((condition: Condition) => condition.message);
}

function haveMoved(before: TradingPipelineStatus, after: TradingPipelineStatus): boolean {
  return haveExecuted(before.executions, after.executions) || haveObjectivesMoved(before, after);
}

function haveExecuted(
  before: TradingPipelineStatus['executions'],
  after: TradingPipelineStatus['executions'],
): boolean {
  if (!before || !after) return false;
  return before.last !== after.last || hasMoved(before.total, after.total) || hasMoved(before.failed, after.failed);
}

function haveObjectivesMoved(before: TradingPipelineStatus, after: TradingPipelineStatus): boolean {
  return (after.objectives ?? []).some((objective, index) => {
    const known = new Map(figures(before.objectives?.[index] ?? objective));
    const now = figures(objective);
    return known.size !== now.length || now.some(([name, value]) => hasMoved(known.get(name), value));
  });
}

function hasMoved(before: number | undefined, after: number): boolean {
  if (before === undefined) return true;
  return before !== after && Math.abs(after - before) >= NOTABLE * Math.max(Math.abs(before), Math.abs(after));
}

/** Conditions that are bad when True. All others are bad when False. */
const badWhenTrue: readonly string[] = [
  ...[conditionTypes.conflict, conditionTypes.foreignFields],
  ...[conditionTypes.stalled, conditionTypes.reconciling],
];
/** Conditions that repeat the reason of Ready, so they get no Event of their own. */
const derived: readonly string[] = [conditionTypes.stalled, conditionTypes.reconciling];

/**
 * Plans Events for changed conditions: one Event for each reason, however many conditions share the reason. A condition
 * that is good from the start is not reported.
 */
export function planConditionEvents(before: readonly Condition[], after: readonly Condition[]): ConditionEvent[] {
  const known = new Map(before.map((condition) => [condition.type, condition]));
  const events = new Map<string, ConditionEvent>();
  for (const condition of after) {
    const { type, status, reason, message } = condition;
    const was = known.get(type);
    const isForeign = type === conditionTypes.foreignFields;
    const hasMoved = was?.status !== status || was.reason !== reason || (isForeign && was.message !== message);
    const changed = was ? hasMoved : isBad(condition);
    if (!changed || derived.includes(type) || events.has(reason)) continue;
    events.set(reason, {
      about: type,
      type: isBad(condition) ? 'Warning' : 'Normal',
      reason,
      note: `${type}: ${message}`,
      ...(isForeign && { isSeparate: true }),
    });
  }
  return [...events.values(), ...planEnds(before, after)];
}

/** Conditions that are removed when they are over, and the reason of the Event that says so. */
const ends: readonly (readonly [type: string, reason: string])[] = [
  [conditionTypes.conflict, CONFLICT_RESOLVED],
  [conditionTypes.foreignFields, FOREIGN_FIELDS_GONE],
];

function planEnds(before: readonly Condition[], after: readonly Condition[]): ConditionEvent[] {
  return ends.flatMap(([about, reason]) => {
    const was = before.find(({ type }) => type === about);
    if (!was || after.some(({ type }) => type === about)) return [];
    return [{ about, type: 'Normal', reason, note: `${about} is over: ${was.message}` } as const];
  });
}

function isBad({ type, status }: Condition): boolean {
  return badWhenTrue.includes(type) ? status === 'True' : status === 'False';
}
