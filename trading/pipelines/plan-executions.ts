import { createHash } from 'node:crypto';
import type { Signal } from '../signals/signal.ts';
import type { Match } from './pipeline-index.ts';

/** An execution as the matching wants it; whether it is enqueued or skipped is decided where it is stored. */
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

/** Plans an execution for every match of every signal. A signal that stands twice in a batch is planned once. */
export function planExecutions(signals: readonly Signal[], match: (signal: Signal) => Match[]): PlannedSignal[] {
  const first = new Map(signals.toReversed().map((signal) => [signal.signal_id, signal]));
  return signals
    .filter((signal) => first.get(signal.signal_id) === signal)
    .map((signal) => ({ signal, executions: match(signal).map((found) => planExecution(signal.signal_id, found)) }));
}

function planExecution(signal_id: string, { pipelineId, ticker }: Match): PlannedExecution {
  return { execution_id: executionId(signal_id, pipelineId, ticker), pipeline_id: pipelineId, ticker, signal_id };
}

/** The same signal, delivered again, gives the same executions. */
export function executionId(signalId: string, pipelineId: string, ticker: string): string {
  return createHash('sha256').update([signalId, pipelineId, ticker].join('|')).digest('hex').slice(0, 32);
}
