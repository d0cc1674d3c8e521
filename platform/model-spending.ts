import { type Kysely, sql } from 'kysely';
import { startOfDay } from '#trading/limits.ts';
import type { Database } from './schema.ts';

/** USD by pipeline, exact decimals in text. Pipelines that spent nothing are absent. */
type Spending = ReadonlyMap<string, string>;

/** A call older than this without an end has lost its worker: its timeout is far shorter. */
const UNDER_WAY_MS = 60_000;

/** Reads what pipelines have spent on models since midnight UTC. Calls under way count at their maximum cost. */
export function readReserved(db: Kysely<Database>, pipelineIds: readonly string[], now: Date): Promise<Spending> {
  return readSpending(db, pipelineIds, { since: startOfDay(now) });
}

/** Reads the same without the calls under way: their maximum cost is reserved, but not spent yet. */
export function readSettled(db: Kysely<Database>, pipelineIds: readonly string[], now: Date): Promise<Spending> {
  const settledBy = new Date(now.getTime() - UNDER_WAY_MS);
  return readSpending(db, pipelineIds, { since: startOfDay(now), settledBy });
}

interface SpendingQuery {
  readonly since: Date;
  /** Leaves out calls that began after this time and have not ended. */
  readonly settledBy?: Date;
}

async function readSpending(
  db: Kysely<Database>,
  pipelineIds: readonly string[],
  { since, settledBy }: SpendingQuery,
): Promise<Spending> {
  if (pipelineIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('model_calls')
    .select(['pipeline_id', sql<string>`sum(cost_usd)`.as('spent')])
    .where('pipeline_id', 'in', pipelineIds)
    .where('started_at', '>=', since)
    .$if(settledBy !== undefined, (query) =>
      query.where(({ or, eb }) => or([eb('finished_at', 'is not', null), eb('started_at', '<', settledBy ?? since)])),
    )
    .groupBy('pipeline_id')
    .execute();
  return new Map(rows.map((row) => [row.pipeline_id, row.spent]));
}
