import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { ExecutionQueue } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';

const PAGE = 1_000;
/** If an execution has been queued for longer than this, Redis may have lost its job. */
const WAITING_LONG_MS = 60_000;

interface SweepOptions {
  readonly db: Kysely<Database>;
  readonly queue: Pick<ExecutionQueue, 'add'>;
  /** Executions created before this time are enqueued again. */
  readonly before: Date;
  readonly log: Logger;
}

/**
 * Enqueues executions again that have been queued for a long time, because Redis may have lost their jobs. If the job
 * is still in the queue, nothing happens, because the job id is the execution id.
 */
async function sweepWaiting({ db, queue, before, log }: SweepOptions): Promise<void> {
  let after = '';
  let swept = 0;
  while (true) {
    const jobs = await db
      .selectFrom('executions')
      .select(['execution_id', 'trace'])
      .where('status', '=', 'queued')
      .where('created_at', '<', before)
      .where('execution_id', '>', after)
      .orderBy('execution_id')
      .limit(PAGE)
      .execute();
    if (jobs.length > 0) await queue.add(jobs);
    swept += jobs.length;
    after = jobs.at(-1)?.execution_id ?? '';
    if (jobs.length < PAGE) break;
  }
  if (swept > 0) log.info({ executions: swept }, 'enqueued executions that have waited for more than a minute again');
}

/** Sweeps at an interval until the repetition is stopped. */
export function startSweeping({ everyMs, ...options }: Omit<SweepOptions, 'before'> & { everyMs: number }): Repetition {
  return repeat('sweep waiting executions', everyMs, options.log, () =>
    sweepWaiting({ ...options, before: new Date(Date.now() - WAITING_LONG_MS) }),
  );
}
