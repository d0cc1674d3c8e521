import type { Kysely } from 'kysely';
import { topics } from '#catalogue/topics.ts';
import type { Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob, ExecutionQueue } from '#platform/execution-queue.ts';
import { createMessageHandler, type MessageHandler } from '#platform/messages/handle-messages.ts';
import type { Database } from '#platform/schema.ts';
import { type PipelineIndex, planExecutions } from '#trading/matching/pipeline-index.ts';
import { parseSignal } from '#trading/signals/signal.ts';
import type { DispatcherMetrics } from '../dispatcher-metrics.ts';
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

/**
 * Creates the handler of a batch. The handler stores the executions, then enqueues them, then publishes malformed
 * messages to the dead-letter topic. Delivery is at-least-once: after a failure at any point, the same messages are
 * handled again. No signal is lost, and none is stored, enqueued or counted twice.
 */
export function createBatchHandler(options: HandlerOptions): MessageHandler {
  const { publisher, metrics, log, giveUp } = options;
  return createMessageHandler({
    parse: parseSignal,
    unstorable: 'not_a_signal',
    store: (delivered) =>
      dispatch(
        delivered.map(({ item, message }) => ({ signal: item, headers: message.headers })),
        options,
      ),
    deadLetters: topics.deadLetters.name,
    onRejected: (reason) => metrics.rejected.add(1, { reason }),
    publisher,
    log,
    giveUp,
  });
}

/** Stores signals and enqueues their executions. */
async function dispatch(delivered: readonly DeliveredSignal[], options: HandlerOptions): Promise<void> {
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

async function store(
  delivered: readonly DeliveredSignal[],
  traceOf: TraceOf,
  options: HandlerOptions,
): Promise<StoredBatch> {
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
