import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import { OTHER } from '#catalogue/metrics.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from '#platform/schema.ts';
import { finishedStatuses } from '#trading/executions/execution.ts';

const INTERVAL_MS = 5_000;
/** As many pipelines as celery-worker shows before their first execution. */
const MAX_PIPELINES = 200;

interface CountersOptions {
  readonly db: Kysely<Database>;
  readonly instruments: Instruments<'pipeline_executions_total'>;
  readonly log: Logger;
}

/**
 * Shows the counter of executions from the first scrape, also while there is no pipeline or no database, under the name
 * for pipelines beyond the label budget. Users look for it to see whether metrics work.
 */
export function showCounters(instruments: CountersOptions['instruments']): void {
  startAtZero(instruments, OTHER);
}

/** Sets the counters of the active pipelines to 0, so that rate() sees the first manual run that could not be enqueued. */
export function startCountersAtZero({ db, instruments, log }: CountersOptions): Repetition {
  return repeat('read the active pipelines', INTERVAL_MS, log, async () => {
    const active = await db
      .selectFrom('pipelines')
      .select('pipeline_id')
      .where('status', '=', 'active')
      .orderBy('created_at')
      .limit(MAX_PIPELINES)
      .execute();
    for (const { pipeline_id } of active) startAtZero(instruments, pipeline_id);
  });
}

function startAtZero(instruments: CountersOptions['instruments'], pipeline_id: string): void {
  const executions = instruments.counter('pipeline_executions_total');
  for (const status of finishedStatuses) executions.add(0, { status, pipeline_id, trigger_mode: 'manual' });
}
