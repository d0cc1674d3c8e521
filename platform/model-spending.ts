import { type Kysely, sql } from 'kysely';
import { startOfDay } from '#trading/limits.ts';
import type { Database } from './schema.ts';

/**
 * Spending on models in USD, keyed by pipeline id. Values are exact decimals as strings. A pipeline that spent nothing
 * is absent.
 */
type Spending = ReadonlyMap<string, string>;

/** A call that began longer ago than this and has not ended will never end, because its worker died. */
const UNDER_WAY_MS = 60_000;

/** Reads the spending on models since midnight UTC. Calls under way count with their maximum cost. */
export function readReserved(db: Kysely<Database>, pipelineIds: readonly string[], now: Date): Promise<Spending> {
  return readSpending(db, pipelineIds, { since: startOfDay(now) });
}

/** Reads the spending on models since midnight UTC, without the calls under way. */
export function readSettled(db: Kysely<Database>, pipelineIds: readonly string[], now: Date): Promise<Spending> {
  const settledBy = new Date(now.getTime() - UNDER_WAY_MS);
  return readSpending(db, pipelineIds, { since: startOfDay(now), settledBy });
}

interface SpendingQuery {
  readonly since: Date;
  /** If set, calls that began after this time and have not ended are left out. */
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
