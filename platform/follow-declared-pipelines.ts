import { type Kysely, sql } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from './schema.ts';

/** The condition that a pipeline is not deleted. Deleted ones keep their row: executions and orders refer to it. */
export const notDeleted = sql<boolean>`pipelines.status <> 'deleted'`;

/** The condition that a TradingPipeline declares the pipeline, now or before it was withdrawn. */
export const isDeclared = sql<boolean>`pipelines.owner = 'cluster'`;

const INTERVAL_MS = 5_000;

interface FollowOptions {
  readonly db: Kysely<Database>;
  readonly instruments: Pick<Instruments<never>, 'declarePipelines'>;
  readonly log: Logger;
}

/**
 * Keeps telemetry informed of the declared pipelines, every 5 s. Their metrics have series of their own even beyond the
 * label budget, because each TradingPipeline has alerts and dashboards that query them.
 */
export function followDeclaredPipelines({ db, instruments, log }: FollowOptions): Repetition {
  return repeat('read the declared pipelines', INTERVAL_MS, log, async () => {
    const declared = await db
      .selectFrom('pipelines')
      .select('pipeline_id')
      .where(isDeclared)
      .where(notDeleted)
      .execute();
    instruments.declarePipelines(declared.map(({ pipeline_id }) => pipeline_id));
  });
}
