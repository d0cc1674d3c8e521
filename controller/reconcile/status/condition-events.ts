/** The Events that a change of conditions is worth: what `kubectl describe` shows below the resource. Pure. */
import { CONFLICT_RESOLVED, conditionTypes } from '../../api/names.ts';
import type { Condition } from '../../api/trading-pipeline-status.ts';

export interface ConditionEvent {
  /** Type of the condition that changed. */
  readonly about: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** Good when False; all others are good when True. */
const badWhenTrue: readonly string[] = [conditionTypes.conflict, conditionTypes.stalled, conditionTypes.reconciling];
/** They repeat what Ready says. */
const derived: readonly string[] = [conditionTypes.stalled, conditionTypes.reconciling];

/** One event a reason, however many conditions give it. A resource that is well from the start is no news. */
export function planConditionEvents(before: readonly Condition[], after: readonly Condition[]): ConditionEvent[] {
  const known = new Map(before.map((condition) => [condition.type, condition]));
  const events = new Map<string, ConditionEvent>();
  for (const condition of after) {
    const { type, status, reason, message } = condition;
    const was = known.get(type);
    const changed = was ? was.status !== status || was.reason !== reason : isBad(condition);
    if (!changed || derived.includes(type) || events.has(reason)) continue;
    events.set(reason, {
      about: type,
      type: isBad(condition) ? 'Warning' : 'Normal',
      reason,
      note: `${type}: ${message}`,
    });
  }
  return [...events.values(), ...planGone(before, after)];
}

/** Conflict is taken away when it is over. */
function planGone(before: readonly Condition[], after: readonly Condition[]): ConditionEvent[] {
  const over = before.filter(({ type }) => type === conditionTypes.conflict && !after.some((one) => one.type === type));
  return over.map(({ type, message }) => ({
    about: type,
    type: 'Normal',
    reason: CONFLICT_RESOLVED,
    note: `${type} is over: ${message}`,
  }));
}

function isBad({ type, status }: Condition): boolean {
  return badWhenTrue.includes(type) ? status === 'True' : status === 'False';
}
