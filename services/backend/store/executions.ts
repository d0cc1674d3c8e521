import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database, ExecutionRow, ExecutionStagesTable, ModelCallRow, OrderRow } from '#platform/schema.ts';
import { type ExecutionStatus, unfinishedStatuses } from '#trading/executions/execution.ts';
import { readModelCalls } from './model-costs.ts';
import { afterPosition, cursorTime, type PageRequest } from './read-page.ts';

export interface ExecutionFilter {
  pipeline_id?: string | undefined;
  status?: ExecutionStatus | undefined;
  ticker?: string | undefined;
  signal_id?: string | undefined;
  since?: string | undefined;
}

export async function readExecutions(db: Kysely<Database>, page: PageRequest, filter: ExecutionFilter) {
  let query = db.selectFrom('executions').selectAll().select(cursorTime('created_at').as('cursor_time'));
  if (filter.pipeline_id !== undefined) query = query.where('pipeline_id', '=', filter.pipeline_id);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.ticker !== undefined) query = query.where('ticker', '=', filter.ticker);
  if (filter.signal_id !== undefined) query = query.where('signal_id', '=', filter.signal_id);
  if (filter.since !== undefined) query = query.where('created_at', '>=', new Date(filter.since));
  if (page.after) query = query.where(afterPosition('created_at', 'execution_id', page.after));
  return query
    .orderBy('created_at', 'desc')
    .orderBy('execution_id', 'desc')
    .limit(page.limit + 1)
    .execute();
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

/** Stores manual runs as queued, but those for whose ticker the pipeline runs already. Returns what was stored. */
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

/** The executions of a pipeline that have not ended, for some tickers. */
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

/** Ends executions that no worker has begun as failed. Returns those it ended, with how long they stood. */
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
