import { isDeepStrictEqual } from 'node:util';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { PipelineDeclaration } from '#catalogue/declared-pipelines.ts';
import { isDeclared, notDeleted } from '#platform/follow-declared-pipelines.ts';
import type { Database, PipelineRow, PipelinesTable } from '#platform/schema.ts';
import { finishedStatuses } from '#trading/executions/execution.ts';
import { changePipeline, insertPipeline, type PipelineChange } from './pipelines.ts';

export interface DeclaredRow extends Pick<Selectable<PipelinesTable>, 'pipeline_id' | 'definition' | 'status'> {
  /** Number of executions of the pipeline that ended as success or failed. Skipped executions do not count. */
  total: number;
  /** Number of executions that failed. */
  failed: number;
  /** When the last execution in `total` ended; null if `total` is 0. */
  last: Date | null;
}

/** Reads the declared pipelines, except withdrawn ones, each with the counts of its executions. */
export async function readDeclared(db: Kysely<Database>): Promise<DeclaredRow[]> {
  return db
    .selectFrom('pipelines')
    .leftJoinLateral(
      (query) =>
        query
          .selectFrom('executions')
          .whereRef('executions.pipeline_id', '=', 'pipelines.pipeline_id')
          .where('executions.status', 'in', finishedStatuses)
          .select([
            sql<number>`count(*)::int`.as('total'),
            sql<number>`(count(*) filter (where executions.status = 'failed'))::int`.as('failed'),
            sql<Date | null>`max(executions.finished_at)`.as('last'),
          ])
          .as('ended'),
      (join) => join.onTrue(),
    )
    .select(['pipelines.pipeline_id', 'pipelines.definition', 'pipelines.status'])
    .select((column) => [
      column.fn.coalesce('ended.total', sql<number>`0`).as('total'),
      column.fn.coalesce('ended.failed', sql<number>`0`).as('failed'),
      'ended.last',
    ])
    .where(isDeclared)
    .where(notDeleted)
    .orderBy('pipelines.pipeline_id')
    .execute();
}

interface Declaration {
  pipelineId: string;
  name: string;
  declaration: PipelineDeclaration;
}

/**
 * Result of a declaration. `kept`: the stored pipeline equals the declaration, so nothing was written. `of-user`: the
 * id belongs to a pipeline that an API user created when the API still accepted ids with a dot, and that is not deleted.
 */
type DeclareOutcome = 'written' | 'kept' | 'of-user';

/**
 * @param maxEntries most entries of all pipelines in the dispatcher's index
 * @throws ApiProblem `no-room`
 */
export async function declarePipeline(
  db: Kysely<Database>,
  { pipelineId, name, declaration: { paused, ...definition } }: Declaration,
  maxEntries: number,
): Promise<DeclareOutcome> {
  const status = paused ? 'paused' : 'active';
  if (await insertPipeline(db, { pipelineId, name, owner: 'cluster', definition, status }, maxEntries))
    return 'written';
  const changed = await changeDeclared(
    db,
    pipelineId,
    (row) => {
      const owner = 'cluster';
      const isSo =
        row.owner === owner &&
        row.status === status &&
        row.name === name &&
        isDeepStrictEqual(row.definition, definition);
      return isSo ? {} : { owner, status, name, definition };
    },
    maxEntries,
  );
  // `not-found` cannot happen, because the insert found a row with this id, and rows of pipelines are never removed.
  return changed === 'not-found' ? 'kept' : changed;
}

export async function withdrawPipeline(
  db: Kysely<Database>,
  pipelineId: string,
): Promise<DeclareOutcome | 'not-found'> {
  return changeDeclared(db, pipelineId, ({ owner, status }) => {
    if (owner !== 'cluster') return {};
    return status === 'deleted' ? {} : { status: 'deleted' };
  });
}

async function changeDeclared(
  db: Kysely<Database>,
  pipelineId: string,
  decide: (row: PipelineRow) => PipelineChange,
  maxEntries?: number,
): Promise<DeclareOutcome | 'not-found'> {
  let outcome: DeclareOutcome = 'kept';
  const row = await changePipeline(
    db,
    pipelineId,
    (current) => {
      if (current.owner !== 'cluster' && current.status !== 'deleted') {
        outcome = 'of-user';
        return {};
      }
      const change = decide(current);
      if (Object.keys(change).length > 0) outcome = 'written';
      return change;
    },
    maxEntries,
  );
  return row ? outcome : 'not-found';
}
