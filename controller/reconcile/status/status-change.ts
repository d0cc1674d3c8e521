/**
 * How much a new status says that the one in the cluster does not. Pure. Numbers move all the time: a write of each would
 * keep the API server busy for nothing, so that only those that moved by a percent count, and those may wait.
 */
import { conditionTypes } from '../../api/names.ts';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { canonicalJson } from '../plan/fingerprint.ts';

/** `state`: write now. `numbers`: write when the last write is old enough. `none`: nothing worth a write. */
export type StatusChange = 'none' | 'numbers' | 'state';

/** Share of its value by which a number must have moved. */
const NOTABLE = 0.01;

/** Their messages hold counts and errors that change from scrape to scrape. */
const lively: readonly string[] = [conditionTypes.targetsUp, conditionTypes.rulesLoaded];

export function compareStatus(actual: TradingPipelineStatus | undefined, wanted: TradingPipelineStatus): StatusChange {
  const [before, after] = [ownPart(actual), ownPart(wanted)];
  if (canonicalJson(statePart(before)) !== canonicalJson(statePart(after))) return 'state';
  const moved =
    canonicalJson(livelyMessages(before)) !== canonicalJson(livelyMessages(after)) || haveMoved(before, after);
  return moved ? 'numbers' : 'none';
}

/** Conditions that others put there are not ours to compare. */
function ownPart(status: TradingPipelineStatus = {}): TradingPipelineStatus {
  const own: readonly string[] = Object.values(conditionTypes);
  const conditions = (status.conditions ?? []).filter(({ type }) => own.includes(type));
  return { ...status, conditions: conditions.sort((a, b) => (a.type < b.type ? -1 : 1)) };
}

/** All but the figures and the texts about them. */
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

type ObjectiveStatus = NonNullable<TradingPipelineStatus['objectives']>[number];

/** The figures of an objective that Prometheus knows. */
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
