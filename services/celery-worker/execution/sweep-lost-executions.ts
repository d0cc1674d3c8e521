import { type Kysely, sql } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { ExecutionQueue } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';
import { ExecutionFailure, unfinishedStatuses } from '#trading/executions/execution.ts';
import { finishExecution, type RunOptions } from './run-execution.ts';

const INTERVAL_MS = 30_000;
/** If an execution has made no progress for this long, its job is looked up in the queue. */
const QUIET_SECONDS = 60;
const MAX_AT_ONCE = 500;

interface SweepOptions extends RunOptions {
  queue: ExecutionQueue;
  log: Logger;
}

export function startSweep(options: SweepOptions): Repetition {
  return repeat('sweep lost executions', INTERVAL_MS, options.log, () => sweepLostExecutions(options));
}

/**
 * Finds running executions that no job will end. Each of them would block its pipeline for its ticker forever. If Redis
 * has lost the job, the execution is enqueued again. If the job failed without storing an end, because its workers
 * died, the execution ends as failed. Queued executions without a job are left to the dispatcher, which enqueues them
 * again.
 */
export async function sweepLostExecutions(options: SweepOptions): Promise<void> {
  const { db, queue, log } = options;
  for (const { execution_id, status, trace } of await readQuiet(db)) {
    const state = await queue.state(execution_id);
    if (state === 'unknown' && status === 'running') {
      log.warn({ execution_id }, 'the job of a running execution is gone: enqueueing it again');
      await queue.add([{ execution_id, trace }]);
    } else if (state === 'failed') {
      await finishExecution(
        execution_id,
        { status: 'failed', reason: new ExecutionFailure('JOB_FAILED').message },
        options,
      );
    }
  }
}

async function readQuiet(db: Kysely<Database>) {
  const lastStored = sql<Date>`greatest(created_at, started_at, (
    select max(stage.finished_at) from execution_stages as stage where stage.execution_id = executions.execution_id
  ))`;
  return db
    .selectFrom('executions')
    .select(['execution_id', 'status', 'trace'])
    .where('status', 'in', unfinishedStatuses)
    .where(lastStored, '<', sql<Date>`now() - make_interval(secs => ${QUIET_SECONDS})`)
    .orderBy('created_at')
    .limit(MAX_AT_ONCE)
    .execute();
}
