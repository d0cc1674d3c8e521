import { setTimeout as sleep } from 'node:timers/promises';
import { type Repetition, repeat } from '#base/repeat.ts';
import { injectTrace, withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionQueue } from '#platform/execution-queue.ts';
import { type StoreDueOptions, storeDue } from './store-due.ts';

/** If Redis takes longer, the jobs are left to the sweep of waiting executions, and the schedules go on. */
const ENQUEUE_TIMEOUT_MS = 5_000;
/** Most transactions of one run, so that a stop of the process waits for few. The rest follows in the next run. */
const MAX_ROUNDS = 50;

interface ScheduleOptions extends Omit<StoreDueOptions, 'trace'> {
  readonly queue: Pick<ExecutionQueue, 'add'>;
}

/** Starts all pipelines that are due. Safe to call in several processes at once. */
export async function runDue(options: ScheduleOptions): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { pipelines } = await withSpan('start scheduled pipelines', {}, () => runSome(options));
    if (pipelines === 0) return;
  }
}

async function runSome({ queue, ...options }: ScheduleOptions) {
  const trace = injectTrace();
  const stored = await storeDue({ ...options, trace });
  const { pipelines, queued, skipped } = stored;
  if (queued.length + skipped > 0)
    options.log.info({ pipelines, executions: queued.length, skipped }, 'scheduled pipelines started');
  await enqueueInTime(
    queue,
    queued.map((execution_id) => ({ execution_id, trace })),
  ).catch((error: unknown) =>
    options.log.warn(
      { error, executions: queued.length },
      'could not enqueue scheduled executions, trying again in a minute',
    ),
  );
  return stored;
}

async function enqueueInTime(queue: ScheduleOptions['queue'], jobs: Parameters<ExecutionQueue['add']>[0]) {
  if (jobs.length === 0) return;
  const added = queue.add(jobs);
  added.catch(() => undefined);
  const late = sleep(ENQUEUE_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`the job queue did not answer within ${ENQUEUE_TIMEOUT_MS} ms`);
  });
  await Promise.race([added, late]);
}

/** If no search succeeds for this long, due times pass unnoticed, and the process is not ready. */
const STALE_MS = 30_000;

interface Schedules extends Pick<Repetition, 'stop'> {
  /** Readiness check for /readyz: returns undefined while schedules are followed, or else the reason. */
  check(): string | undefined;
}

/** Looks for due pipelines at an interval until it is stopped. */
export function startSchedules({ everyMs, ...options }: ScheduleOptions & { everyMs: number }): Schedules {
  let followedAt = performance.now();
  const following = repeat('start scheduled pipelines', everyMs, options.log, async () => {
    await runDue(options);
    followedAt = performance.now();
  });
  return {
    check() {
      const ago = performance.now() - followedAt;
      if (ago < STALE_MS + everyMs) return undefined;
      return `the last successful search for due schedules was ${Math.round(ago / 1_000)} s ago`;
    },
    stop: () => following.stop(),
  };
}
