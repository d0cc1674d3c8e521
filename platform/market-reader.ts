import { type Kysely, sql } from 'kysely';
import type { MarketBar } from '#trading/agents/market-data.ts';
import { timeframes } from '#trading/signals/signal.ts';
import type { Database } from './schema.ts';

export interface BarsQuery {
  ticker: string;
  timeframe: string;
  /** Open time of the last bar wanted; the newest when absent. */
  until: Date | undefined;
  limit: number;
}

/** The last bars of a ticker, oldest first. */
export async function readBars(
  db: Kysely<Database>,
  { ticker, timeframe, until, limit }: BarsQuery,
): Promise<MarketBar[]> {
  const rows = await db
    .selectFrom('bars')
    .select(['open_time', 'close'])
    .where('symbol', '=', ticker)
    .where('timeframe', '=', timeframe)
    .$if(until !== undefined, (query) => query.where('open_time', '<=', until ?? new Date()))
    .orderBy('open_time', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse().map((row) => ({ openTime: row.open_time, close: row.close }));
}

/** The timeframe of the newest bar of a ticker. */
export async function readNewestTimeframe(db: Kysely<Database>, ticker: string): Promise<string | undefined> {
  const { rows } = await sql<{ timeframe: string }>`select timeframe from ${newestBar(sql`${ticker}`)}`.execute(db);
  return rows[0]?.timeframe;
}

/**
 * The newest bar of a symbol over all timeframes, as a table expression. It looks up the newest of each timeframe in the
 * index; ordering all bars of the symbol would read every one.
 */
export function newestBar(symbol: ReturnType<typeof sql>) {
  return sql`(
    select t.timeframe, newest.close
    from unnest(${sql.val([...timeframes])}::text[]) as t(timeframe)
    cross join lateral (
      select open_time, close from bars
      where bars.symbol = ${symbol} and bars.timeframe = t.timeframe
      order by open_time desc limit 1
    ) as newest
    order by newest.open_time desc limit 1
  ) as newest_bar`;
}
