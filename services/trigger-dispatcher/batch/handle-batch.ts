import type { Kysely } from 'kysely';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob, ExecutionQueue } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';
import { type PipelineIndex, planExecutions } from '#trading/matching/pipeline-index.ts';
import { isRejection, parseSignal, type Rejection } from '#trading/signals/signal.ts';
import type { DispatcherMetrics } from '../dispatcher-metrics.ts';
import { type DeadLetter, publishDeadLetters } from './dead-letters.ts';
import { type DeliveredSignal, startSignalSpans } from './signal-spans.ts';
import { type StoredBatch, storeBatch, type TraceOf } from './store-batch.ts';

interface HandlerOptions {
  readonly index: PipelineIndex;
  readonly db: Kysely<Database>;
  readonly queue: Pick<ExecutionQueue, 'add'>;
  readonly publisher: Publisher;
  readonly metrics: DispatcherMetrics;
  readonly log: Logger;
  /** Aborted when the process must stop waiting for a server. The batch then fails and is delivered again. */
  readonly giveUp: AbortSignal;
}

export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<void>;

/** A signal and its message. */
interface Delivered extends DeliveredSignal {
  readonly message: IncomingMessage;
}

/**
 * Creates the handler of a batch. The handler stores the executions, then enqueues them, then publishes malformed
 * messages to the dead-letter topic. Delivery is at-least-once: after a failure at any point, the same messages are
 * handled again. No signal is lost, and none is stored, enqueued or counted twice. Only a dead letter can be published
 * twice; its headers name the original message.
 */
export function createBatchHandler(options: HandlerOptions): BatchHandler {
  return async (messages) => {
    const { delivered, letters } = parseBatch(messages);
    const refused = await dispatch(delivered, options);
    await publishDeadLetters([...letters, ...refused], options);
  };
}

function parseBatch(messages: readonly IncomingMessage[]): { delivered: Delivered[]; letters: DeadLetter[] } {
  const delivered: Delivered[] = [];
  const letters: DeadLetter[] = [];
  for (const message of messages) {
    const parsed = parseSignal(message.value);
    if (isRejection(parsed)) letters.push({ message, rejection: parsed });
    else delivered.push({ message, signal: parsed, headers: message.headers });
  }
  return { delivered, letters };
}

/**
 * Stores signals and enqueues their executions. Returns a dead letter for each signal that Postgres refuses. A refused
 * signal must not block the signals behind it, so a batch with bad data is halved again and again until the bad signal
 * is alone.
 */
async function dispatch(delivered: readonly Delivered[], options: HandlerOptions): Promise<DeadLetter[]> {
  if (delivered.length === 0) return [];
  try {
    await dispatchTogether(delivered, options);
    return [];
  } catch (error) {
    const detail = dataError(error);
    if (detail === undefined) throw error;
    const [only] = delivered;
    if (delivered.length === 1 && only) return [{ message: only.message, rejection: refusal(detail) }];
    const half = Math.ceil(delivered.length / 2);
    const first = await dispatch(delivered.slice(0, half), options);
    return [...first, ...(await dispatch(delivered.slice(half), options))];
  }
}

async function dispatchTogether(delivered: readonly Delivered[], options: HandlerOptions): Promise<void> {
  const spans = startSignalSpans(delivered);
  try {
    await withSpan(
      'dispatch batch',
      { links: [...spans.links], attributes: { 'messaging.batch.message_count': delivered.length } },
      async () => {
        const stored = await store(delivered, spans.traceOf, options);
        await enqueue(stored.jobs, options);
      },
    );
  } finally {
    spans.end();
  }
}

async function store(delivered: readonly Delivered[], traceOf: TraceOf, options: HandlerOptions): Promise<StoredBatch> {
  const { index, db, metrics, log } = options;
  const signals = delivered.map(({ signal }) => signal);
  const planned = planExecutions(signals, (signal) => index.match(signal));
  const batch = await storeBatch(db, planned, traceOf);
  countStored(batch, metrics);
  const duplicates = batch.duplicates.length + signals.length - planned.length;
  if (duplicates > 0) log.info({ duplicates, signal_ids: batch.duplicates }, 'skipped signals that are stored already');
  log.debug(
    { signals: batch.stored.length, executions: batch.executions.length, jobs: batch.jobs.length },
    'batch stored',
  );
  return batch;
}

/**
 * Counts the new signals of a batch. Called after the commit. Duplicates were already counted when they were first
 * stored.
 */
function countStored({ stored, executions }: StoredBatch, metrics: DispatcherMetrics): void {
  for (const { signal_type } of stored) metrics.consumed.add(1, { signal_type });
  for (const { ticker, status } of executions) {
    metrics.matched.add(1, { ticker });
    metrics.enqueued.add(1, { status });
    if (status === 'skipped') metrics.skipped.add(1);
  }
}

/** Enqueues jobs. Waits for Redis until it responds or the process must end. */
async function enqueue(jobs: readonly ExecutionJob[], { queue, giveUp }: HandlerOptions): Promise<void> {
  if (jobs.length === 0) return;
  giveUp.throwIfAborted();
  const given = Promise.withResolvers<never>();
  const onAbort = () => given.reject(giveUp.reason);
  giveUp.addEventListener('abort', onAbort);
  try {
    await Promise.race([queue.add(jobs), given.promise]);
  } finally {
    giveUp.removeEventListener('abort', onAbort);
  }
}

/**
 * Returns the message of a Postgres error of class 22 (data exception), which occurs again whenever the same data is
 * stored. Returns undefined for other errors, after which a retry can succeed.
 */
function dataError(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && /^22\w{3}$/.test(code) ? String(message) : undefined;
}

function refusal(detail: string): Rejection {
  return { reason: 'not_a_signal', detail: `cannot be stored: ${detail}` };
}
