import type { Kysely } from 'kysely';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob, ExecutionQueue } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';
import type { PipelineIndex } from '#trading/pipelines/pipeline-index.ts';
import { planExecutions } from '#trading/pipelines/plan-executions.ts';
import { type DeadLetter, publishDeadLetters } from './dead-letters.ts';
import { countStored, type DispatcherMetrics } from './dispatcher-metrics.ts';
import { isRejection, parseMessage, type Rejection } from './domain/parse-message.ts';
import { type DeliveredSignal, startSignalSpans } from './signal-spans.ts';
import { type StoredBatch, storeBatch, type TraceOf } from './store-batch.ts';

export interface HandlerOptions {
  readonly index: PipelineIndex;
  readonly db: Kysely<Database>;
  readonly queue: Pick<ExecutionQueue, 'add'>;
  readonly publisher: Publisher;
  readonly metrics: DispatcherMetrics;
  readonly log: Logger;
  /** Aborted when the process cannot wait for a server any longer: the batch then fails, and comes again. */
  readonly giveUp: AbortSignal;
}

export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<void>;

/** A signal with the message that brought it. */
interface Delivered extends DeliveredSignal {
  readonly message: IncomingMessage;
}

/**
 * Makes what handles a batch: its executions are stored, then enqueued, then its malformed messages are dead-lettered.
 * Safe to run again on the same messages after a failure at any point: nothing is lost, nothing is stored, enqueued or
 * counted twice. (A dead letter can stand twice; its headers name the original.)
 */
export function createBatchHandler(options: HandlerOptions): BatchHandler {
  const { publisher, metrics, log, giveUp } = options;
  return async (messages) => {
    const { delivered, letters } = parseBatch(messages);
    const refused = await dispatch(delivered, options);
    await publishDeadLetters([...letters, ...refused], { publisher, metrics, log, signal: giveUp });
  };
}

function parseBatch(messages: readonly IncomingMessage[]): { delivered: Delivered[]; letters: DeadLetter[] } {
  const delivered: Delivered[] = [];
  const letters: DeadLetter[] = [];
  for (const message of messages) {
    const parsed = parseMessage(message.value);
    if (isRejection(parsed)) letters.push({ message, rejection: parsed });
    else delivered.push({ message, signal: parsed, headers: message.headers });
  }
  return { delivered, letters };
}

/**
 * Stores and enqueues. Data that the database refuses, though it parsed, must not hold up all that is behind it: the
 * batch is then done in halves, until the signal that is to blame stands alone.
 * @returns what the database refuses
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
  if (duplicates > 0)
    log.info({ duplicates, signal_ids: batch.duplicates }, 'signals had been stored before, passing over them');
  log.debug(
    { signals: batch.stored.length, executions: batch.executions.length, jobs: batch.jobs.length },
    'batch stored',
  );
  return batch;
}

/** Waits for Redis as long as it takes, but not beyond the end of the process. */
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

/** The message of an error of class 22 (data exception); nothing for any other, which passes by itself. */
function dataError(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && /^22\w{3}$/.test(code) ? String(message) : undefined;
}

function refusal(detail: string): Rejection {
  return { reason: 'not_a_signal', detail: `cannot be stored: ${detail}` };
}
