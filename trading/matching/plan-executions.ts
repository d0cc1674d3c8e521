/**
 * Turns matches into planned executions, and counts the results once the database has decided which executions are
 * queued.
 */

import { createHash } from 'node:crypto';
import type { SignalOutcome } from '../executions/execution.ts';
import type { Signal } from '../signals/signal.ts';
import type { Match } from './pipeline-index.ts';

/** The execution that results from a match. When it is stored, the database decides whether it is queued or skipped. */
export interface PlannedExecution {
  readonly execution_id: string;
  readonly pipeline_id: string;
  readonly ticker: string;
  readonly signal_id: string;
}

export interface PlannedSignal {
  readonly signal: Signal;
  readonly executions: readonly PlannedExecution[];
}

/** Plans one execution per match of each signal. A signal that occurs twice in the batch is planned once. */
export function planExecutions(signals: readonly Signal[], match: (signal: Signal) => Match[]): PlannedSignal[] {
  const first = new Map(signals.toReversed().map((signal) => [signal.signal_id, signal]));
  return signals
    .filter((signal) => first.get(signal.signal_id) === signal)
    .map((signal) => ({ signal, executions: match(signal).map((found) => planExecution(signal.signal_id, found)) }));
}

function planExecution(signal_id: string, { pipelineId, ticker }: Match): PlannedExecution {
  return { execution_id: executionId(signal_id, pipelineId, ticker), pipeline_id: pipelineId, ticker, signal_id };
}

/**
 * Returns the id of an execution. A signal that is delivered again produces executions with the same ids, so they are
 * not stored twice.
 */
export function executionId(signalId: string, pipelineId: string, ticker: string): string {
  return createHash('sha256').update([signalId, pipelineId, ticker].join('|')).digest('hex').slice(0, 32);
}

/** The counts and the outcome of a signal, as stored in its row of `signals`. */
export interface SignalAccount {
  readonly signal_id: string;
  readonly matched: number;
  readonly enqueued: number;
  readonly skipped: number;
  readonly outcome: SignalOutcome;
}

/**
 * Counts the enqueued and skipped executions of a signal. An execution in neither set does not count as a match,
 * because its pipeline was deleted or paused after the matching.
 * @param enqueued ids of the executions stored as queued
 * @param skipped ids of the executions stored as skipped
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
