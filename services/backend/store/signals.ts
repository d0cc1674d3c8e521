import { type Kysely, sql } from 'kysely';
import type { Database, SignalRow } from '#platform/schema.ts';
import { type ColumnFilter, columnsEqual, type ListRequest, type Page, readPage } from './read-page.ts';

type SignalFilter = ColumnFilter<SignalRow, 'outcome'> & {
  readonly type?: string | undefined;
  readonly ticker?: string | undefined;
};

export function readSignals(db: Kysely<Database>, request: ListRequest<SignalFilter>): Promise<Page<SignalRow>> {
  const { type, ticker, ...columns } = request.filter;
  let query = db
    .selectFrom('signals')
    .selectAll()
    .where(columnsEqual({ signal_type: type, ...columns }));
  if (ticker !== undefined) {
    query = query.where(sql<boolean>`signal -> 'tickers' @> ${JSON.stringify([{ ticker }])}::jsonb`);
  }
  return readPage(query, { time: 'stored_at', id: 'signal_id' }, request);
}

export async function readSignal(db: Kysely<Database>, signalId: string): Promise<SignalRow | undefined> {
  return db.selectFrom('signals').selectAll().where('signal_id', '=', signalId).executeTakeFirst();
}

export async function readSignalsById(db: Kysely<Database>, ids: readonly string[]): Promise<SignalRow[]> {
  return db.selectFrom('signals').selectAll().where('signal_id', 'in', ids).execute();
}

/**
 * Returns a map from each given signal id to the given pipeline ids that have an execution of that signal, skipped
 * executions included. A signal without such a pipeline is not in the map.
 */
export async function readPipelinesOfSignals(
  db: Kysely<Database>,
  signalIds: readonly string[],
  pipelineIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('executions')
    .select(['signal_id', 'pipeline_id'])
    .distinct()
    .where('signal_id', 'in', signalIds)
    .where('pipeline_id', 'in', pipelineIds)
    .execute();
  const bySignal = Map.groupBy(rows, (row) => row.signal_id ?? '');
  return new Map([...bySignal].map(([signalId, matched]) => [signalId, matched.map((row) => row.pipeline_id)]));
}
