import { sql, type Transaction } from 'kysely';
import { notDeleted } from '#platform/follow-declared-pipelines.ts';
import type { Database } from '#platform/schema.ts';
import { countEntries } from '#trading/matching/index-entries.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import { ApiProblem } from '../api/errors/api-problem.ts';

/** Key of the advisory lock that lets one change at a time take room: the ASCII codes of `tpro`. */
const LOCK = 0x7470_726f;

/** Returns how many entries a definition takes in the dispatcher's index. */
export function entriesOf({ tickers, trigger }: PipelineDefinition): number {
  return countEntries({ tickers, signals: trigger.mode === 'signal' ? trigger.signals : [] });
}

interface Room {
  readonly pipelineId: string;
  readonly entries: number;
  readonly maxEntries: number;
}

/**
 * Makes sure until the end of the transaction that the dispatcher's index has room for a pipeline beside all others that
 * are not deleted.
 * @throws ApiProblem `no-room`
 */
export async function takeRoom(
  transaction: Transaction<Database>,
  { pipelineId, entries, maxEntries }: Room,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
  const { used } = await transaction
    .selectFrom('pipelines')
    .select(sql<number>`coalesce(sum(index_entries), 0)::float8`.as('used'))
    .where(notDeleted)
    .where('pipeline_id', '<>', pipelineId)
    .executeTakeFirstOrThrow();
  if (used + entries <= maxEntries) return;
  const detail = `The pipeline takes ${entries} entries in the index of pipelines, of which ${Math.max(0, maxEntries - used)} of ${maxEntries} are free.`;
  throw new ApiProblem('no-room', detail);
}
