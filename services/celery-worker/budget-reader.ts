import { type Kysely, sql } from 'kysely';
import type { Database } from '#kit/database/schema.ts';
import { Exact } from './domain/exact.ts';
import { startOfDay } from './risk-reader.ts';

/** What the stages of a pipeline have cost since midnight UTC, those of unfinished executions too. */
export async function readSpentToday(db: Kysely<Database>, pipelineId: string, now: Date): Promise<Exact> {
  const spent = await readSpentByPipeline(db, [pipelineId], now);
  return spent.get(pipelineId) ?? new Exact(0);
}

/** The same for several pipelines; one that spent nothing is not in it. */
export async function readSpentByPipeline(
  db: Kysely<Database>,
  pipelineIds: readonly string[],
  now: Date,
): Promise<Map<string, Exact>> {
  if (pipelineIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('execution_stages')
    .innerJoin('executions', 'executions.execution_id', 'execution_stages.execution_id')
    .select(['executions.pipeline_id', sql<string>`sum(execution_stages.cost_usd)`.as('spent')])
    .where('executions.pipeline_id', 'in', pipelineIds)
    .where('execution_stages.finished_at', '>=', startOfDay(now))
    .where('execution_stages.cost_usd', '>', '0')
    .groupBy('executions.pipeline_id')
    .execute();
  return new Map(rows.map((row) => [row.pipeline_id, new Exact(row.spent)]));
}
