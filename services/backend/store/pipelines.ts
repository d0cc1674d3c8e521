import { type Kysely, sql } from 'kysely';
import { notDeleted } from '#platform/follow-declared-pipelines.ts';
import type { Database, PipelineRow } from '#platform/schema.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import { entriesOf, takeRoom } from './pipeline-room.ts';
import { type ColumnFilter, type ListRequest, type Page, readPage } from './read-page.ts';

interface NewPipeline extends Partial<Pick<PipelineRow, 'owner' | 'status'>> {
  pipelineId: string;
  name: string;
  definition: PipelineDefinition;
}

/**
 * Stores a pipeline and returns its row, or undefined if a pipeline with the same id exists.
 * @param maxEntries most entries of all pipelines in the dispatcher's index
 * @throws ApiProblem `no-room`
 */
export async function insertPipeline(
  db: Kysely<Database>,
  { pipelineId, name, definition, ...others }: NewPipeline,
  maxEntries: number,
): Promise<PipelineRow | undefined> {
  const entries = entriesOf(definition);
  const row = {
    pipeline_id: pipelineId,
    name,
    definition: JSON.stringify(definition),
    index_entries: entries,
    ...others,
  };
  return db.transaction().execute(async (transaction) => {
    const stored = await transaction
      .insertInto('pipelines')
      .values(row)
      .onConflict((conflict) => conflict.column('pipeline_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (stored) await takeRoom(transaction, { pipelineId, entries, maxEntries });
    return stored;
  });
}

export async function readPipeline(db: Kysely<Database>, pipelineId: string): Promise<PipelineRow | undefined> {
  return db.selectFrom('pipelines').selectAll().where('pipeline_id', '=', pipelineId).executeTakeFirst();
}

/**
 * Reads a page of the pipelines whose status is `filter.status`. If `filter.status` is undefined, reads a page of all
 * pipelines that are not deleted.
 */
export function readPipelines(
  db: Kysely<Database>,
  request: ListRequest<ColumnFilter<PipelineRow, 'status'>>,
): Promise<Page<PipelineRow>> {
  const { status } = request.filter;
  const query = db.selectFrom('pipelines').selectAll();
  const filtered = status === undefined ? query.where(notDeleted) : query.where('status', '=', status);
  return readPage(filtered, { time: 'created_at', id: 'pipeline_id' }, request);
}

export type PipelineChange = Partial<Pick<PipelineRow, 'name' | 'owner' | 'definition' | 'status'>>;

/**
 * Changes a pipeline under a row lock. Returns the changed row, or undefined if there is no such pipeline. `decide`
 * receives the current row and returns the columns to change. If `decide` returns no columns, nothing is written. If
 * `decide` throws, the transaction is rolled back.
 * @param maxEntries most entries of all pipelines in the dispatcher's index
 * @throws ApiProblem `no-room`
 */
export async function changePipeline(
  db: Kysely<Database>,
  pipelineId: string,
  decide: (row: PipelineRow) => PipelineChange,
  maxEntries = Number.POSITIVE_INFINITY,
): Promise<PipelineRow | undefined> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('pipelines')
      .selectAll()
      .where('pipeline_id', '=', pipelineId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return undefined;
    const { definition, ...change } = decide(row);
    if (definition === undefined && Object.keys(change).length === 0) return row;
    const entries = definition ? entriesOf(definition) : row.index_entries;
    const before = row.status === 'deleted' ? 0 : row.index_entries;
    if (entries > before && change.status !== 'deleted')
      await takeRoom(transaction, { pipelineId, entries, maxEntries });
    const columns = definition && { definition: JSON.stringify(definition), index_entries: entries };
    return transaction
      .updateTable('pipelines')
      .set({ ...change, ...columns, updated_at: sql`now()` })
      .where('pipeline_id', '=', pipelineId)
      .returningAll()
      .executeTakeFirst();
  });
}
