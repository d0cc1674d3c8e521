import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

export interface SpendingQuery {
  readonly since: Date;
  /**
   * Leaves out calls that began after it and have not ended: they stand at their most, and are not spent yet. One that began
   * before it has lost its worker.
   */
  readonly settledBy?: Date;
}

/**
 * What pipelines have spent on models, USD, as exact decimals in text; one that spent nothing is not in it. A call whose
 * end is not known counts at the most it can cost.
 */
export async function readSpentByPipeline(
  db: Kysely<Database>,
  pipelineIds: readonly string[],
  { since, settledBy }: SpendingQuery,
): Promise<Map<string, string>> {
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

/** A call that began a minute ago and has no end will have none. */
export function settledBy(now: Date): Date {
  return new Date(now.getTime() - 60_000);
}
