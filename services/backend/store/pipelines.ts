import { type Kysely, sql } from 'kysely';
import type { Database, PipelineRow } from '#platform/schema.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import { afterPosition, cursorTime, type PageRequest } from './read-page.ts';

export type PipelineStatus = PipelineRow['status'];

export interface NewPipeline {
  pipelineId: string;
  name: string;
  definition: PipelineDefinition;
}

/** Stores a pipeline; undefined when the id is taken. */
export async function insertPipeline(db: Kysely<Database>, pipeline: NewPipeline): Promise<PipelineRow | undefined> {
  return db
    .insertInto('pipelines')
    .values({ pipeline_id: pipeline.pipelineId, name: pipeline.name, definition: JSON.stringify(pipeline.definition) })
    .onConflict((conflict) => conflict.column('pipeline_id').doNothing())
    .returningAll()
    .executeTakeFirst();
}

export async function readPipeline(db: Kysely<Database>, pipelineId: string): Promise<PipelineRow | undefined> {
  return db.selectFrom('pipelines').selectAll().where('pipeline_id', '=', pipelineId).executeTakeFirst();
}

/** One page, newest first, of one row more than asked for when there are more. */
export async function readPipelines(db: Kysely<Database>, page: PageRequest, status: PipelineStatus | undefined) {
  let query = db.selectFrom('pipelines').selectAll().select(cursorTime('created_at').as('cursor_time'));
  query = status === undefined ? query.where('status', '<>', 'deleted') : query.where('status', '=', status);
  if (page.after) query = query.where(afterPosition('created_at', 'pipeline_id', page.after));
  return query
    .orderBy('created_at', 'desc')
    .orderBy('pipeline_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

export type PipelineChange = Partial<{ name: string; definition: PipelineDefinition; status: PipelineStatus }>;

/**
 * Changes a pipeline that nobody else can change meanwhile: `decide` sees the row as it is and returns what to
 * change, or throws to leave it. Undefined when there is no such pipeline.
 */
export async function changePipeline(
  db: Kysely<Database>,
  pipelineId: string,
  decide: (row: PipelineRow) => PipelineChange,
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
    return transaction
      .updateTable('pipelines')
      .set({ ...change, ...(definition && { definition: JSON.stringify(definition) }), updated_at: sql`now()` })
      .where('pipeline_id', '=', pipelineId)
      .returningAll()
      .executeTakeFirst();
  });
}
