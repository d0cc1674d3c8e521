import { type Kysely, sql } from 'kysely';
import type { Database, SignalRow } from '#platform/schema.ts';
import { afterPosition, cursorTime, type PageRequest } from './read-page.ts';

export interface SignalFilter {
  type?: string | undefined;
  ticker?: string | undefined;
  outcome?: SignalRow['outcome'] | undefined;
  since?: string | undefined;
}

export async function readSignals(db: Kysely<Database>, page: PageRequest, filter: SignalFilter) {
  let query = db.selectFrom('signals').selectAll().select(cursorTime('stored_at').as('cursor_time'));
  if (filter.type !== undefined) query = query.where('signal_type', '=', filter.type);
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
  if (filter.ticker !== undefined) {
    query = query.where(sql<boolean>`signal -> 'tickers' @> ${JSON.stringify([{ ticker: filter.ticker }])}::jsonb`);
  }
  if (filter.since !== undefined) query = query.where('stored_at', '>=', new Date(filter.since));
  if (page.after) query = query.where(afterPosition('stored_at', 'signal_id', page.after));
  return query
    .orderBy('stored_at', 'desc')
    .orderBy('signal_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

export async function readSignal(db: Kysely<Database>, signalId: string): Promise<SignalRow | undefined> {
  return db.selectFrom('signals').selectAll().where('signal_id', '=', signalId).executeTakeFirst();
}

export async function readSignalsById(db: Kysely<Database>, ids: readonly string[]): Promise<SignalRow[]> {
  return db.selectFrom('signals').selectAll().where('signal_id', 'in', ids).execute();
}

/** Which of some pipelines each signal started, or was skipped for: pipeline ids by signal id. */
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
