import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database, ExecutionRow, ExecutionStagesTable, ModelCallRow, OrderRow } from '#platform/schema.ts';
import { unfinishedStatuses } from '#trading/executions/execution.ts';
import { readModelCalls } from './model-costs.ts';
import { type ColumnFilter, columnsEqual, type ListRequest, type Page, readPage } from './read-page.ts';

type ExecutionFilter = ColumnFilter<ExecutionRow, 'pipeline_id' | 'status' | 'ticker' | 'signal_id'>;

export function readExecutions(
  db: Kysely<Database>,
  request: ListRequest<ExecutionFilter>,
): Promise<Page<ExecutionRow>> {
  const query = db.selectFrom('executions').selectAll().where(columnsEqual(request.filter));
  return readPage(query, { time: 'created_at', id: 'execution_id' }, request);
}

export interface ExecutionDetail {
  execution: ExecutionRow;
  stages: readonly Selectable<ExecutionStagesTable>[];
  orders: readonly OrderRow[];
  modelCalls: readonly ModelCallRow[];
}

export async function readExecution(db: Kysely<Database>, executionId: string): Promise<ExecutionDetail | undefined> {
  const execution = await db
    .selectFrom('executions')
    .selectAll()
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  if (!execution) return undefined;
  const [stages, orders, modelCalls] = await Promise.all([
    db.selectFrom('execution_stages').selectAll().where('execution_id', '=', executionId).orderBy('position').execute(),
    db.selectFrom('orders').selectAll().where('execution_id', '=', executionId).orderBy('created_at').execute(),
    readModelCalls(db, executionId),
  ]);
  return { execution, stages, orders, modelCalls };
}

export async function readExecutionsById(db: Kysely<Database>, ids: readonly string[]): Promise<ExecutionRow[]> {
  return db.selectFrom('executions').selectAll().where('execution_id', 'in', ids).execute();
}

export interface ManualRun {
  executionId: string;
  ticker: string;
}

/**
 * Stores manual runs as queued executions, and returns the stored runs. Skips tickers for which the pipeline is already
 * running, which a unique index on unfinished executions detects.
 */
export async function insertManualRuns(
  db: Kysely<Database>,
  pipelineId: string,
  runs: readonly ManualRun[],
  trace: Record<string, string>,
): Promise<ManualRun[]> {
  const rows = await db
    .insertInto('executions')
    .values(
      runs.map(({ executionId, ticker }) => ({
        execution_id: executionId,
        pipeline_id: pipelineId,
        ticker,
        signal_id: null,
        trigger_mode: 'manual' as const,
        status: 'queued' as const,
        reason: null,
        trace: JSON.stringify(trace),
        cost_usd: '0',
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['execution_id', 'ticker'])
    .execute();
  return rows.map(({ execution_id, ticker }) => ({ executionId: execution_id, ticker }));
}

/** Returns the unfinished executions of a pipeline for these tickers. */
export async function readUnfinished(
  db: Kysely<Database>,
  pipelineId: string,
  tickers: readonly string[],
): Promise<ManualRun[]> {
  const rows = await db
    .selectFrom('executions')
    .select(['execution_id', 'ticker'])
    .where('pipeline_id', '=', pipelineId)
    .where('ticker', 'in', tickers)
    .where('status', 'in', unfinishedStatuses)
    .execute();
  return rows.map(({ execution_id, ticker }) => ({ executionId: execution_id, ticker }));
}

/**
 * Marks the given executions that are still queued as failed. Returns the marked executions, each with the seconds
 * since its creation.
 */
export async function failQueued(
  db: Kysely<Database>,
  executionIds: readonly string[],
  reason: string,
): Promise<{ executionId: string; seconds: number }[]> {
  const rows = await db
    .updateTable('executions')
    .set({ status: 'failed', reason, finished_at: sql`clock_timestamp()` })
    .where('execution_id', 'in', executionIds)
    .where('status', '=', 'queued')
    .returning(['execution_id', sql<number>`extract(epoch from clock_timestamp() - created_at)::float8`.as('seconds')])
    .execute();
  return rows.map(({ execution_id, seconds }) => ({ executionId: execution_id, seconds }));
}
