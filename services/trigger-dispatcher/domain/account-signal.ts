import type { SignalOutcome } from '#trading/executions/execution.ts';
import type { PlannedSignal } from '#trading/pipelines/plan-executions.ts';

/** What became of a signal, as its row says it. */
export interface SignalAccount {
  readonly signal_id: string;
  readonly matched: number;
  readonly enqueued: number;
  readonly skipped: number;
  readonly outcome: SignalOutcome;
}

/**
 * Accounts for a signal.
 * @param enqueued ids of the executions that were stored as queued
 * @param skipped ids of those stored as skipped; what is in neither had lost its pipeline, and was no match
 */
export function accountSignal(
  { signal, executions }: PlannedSignal,
  enqueued: ReadonlySet<string>,
  skipped: ReadonlySet<string>,
): SignalAccount {
  const count = (ids: ReadonlySet<string>) => executions.filter(({ execution_id }) => ids.has(execution_id)).length;
  const counts = { enqueued: count(enqueued), skipped: count(skipped) };
  const matched = counts.enqueued + counts.skipped;
  return { signal_id: signal.signal_id, matched, ...counts, outcome: outcomeOf(matched, counts.enqueued) };
}

function outcomeOf(matched: number, enqueued: number): SignalAccount['outcome'] {
  if (matched === 0) return 'unmatched';
  return enqueued > 0 ? 'matched' : 'skipped';
}
