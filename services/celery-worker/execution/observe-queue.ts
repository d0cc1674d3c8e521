import { type Repetition, repeat } from '#base/repeat.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import { EXECUTION_QUEUE, queueStates } from '#catalogue/topics.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { ExecutionQueue } from '#platform/execution-queue.ts';

const INTERVAL_MS = 5_000;
/**
 * A queue depth that was read longer ago than this is not reported: Redis is unreachable, and the queue may have
 * changed.
 */
const MAX_AGE_MS = 3 * INTERVAL_MS;

type Depth = Awaited<ReturnType<ExecutionQueue['depth']>>;

/** Updates celery_queue_depth at an interval, so that a scrape never waits for Redis. */
export function observeQueue(
  queue: ExecutionQueue,
  options: { instruments: Instruments<EmittedBy<'celery-worker'>>; log: Logger; clock: () => Date },
): Repetition {
  const { instruments, log, clock } = options;
  let last: { depth: Depth; at: number } | undefined;
  instruments.observeGauge('celery_queue_depth', (observe) => {
    if (!last || clock().getTime() - last.at > MAX_AGE_MS) return;
    for (const state of queueStates) observe(last.depth[state], { queue: EXECUTION_QUEUE, state });
  });
  return repeat('read the depth of the queue', INTERVAL_MS, log, async () => {
    last = { depth: await queue.depth(), at: clock().getTime() };
  });
}
