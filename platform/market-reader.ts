import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MarketBar } from '#trading/agents/market-data.ts';
import type { PricedBar } from '#trading/market/last-prices.ts';
import type { Database } from './schema.ts';

/**
 * Reads bars from Postgres. All services agree on the last price of a symbol: the close of its newest bar, whatever the
 * bar's timeframe.
 */

interface BarsQuery {
  ticker: string;
  timeframe: string;
  /** Open time of the last bar to read; undefined: read up to the newest bar. */
  until: Date | undefined;
  limit: number;
}

/** Reads the newest `limit` bars of a ticker that opened no later than `until`. Returns them oldest first. */
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

/** Reads the timeframe of the newest bar of a ticker. Returns undefined if the ticker has no bar. */
export async function readNewestTimeframe(db: Kysely<Database>, ticker: string): Promise<string | undefined> {
  const { rows } = await sql<{ timeframe: string }>`select timeframe from ${newestBar(sql`${ticker}`)}`.execute(db);
  return rows[0]?.timeframe;
}

/**
 * Reads the newest bar of each symbol. The query skips from symbol to symbol in the index, so its time grows with the
 * number of symbols and not with the number of bars.
 */
export async function readNewestBars(db: Kysely<Database>): Promise<PricedBar[]> {
  const { rows } = await sql<PricedBar>`
    with recursive symbols as (
      (select symbol from bars order by symbol limit 1)
      union all
      select (select symbol from bars where symbol > symbols.symbol order by symbol limit 1) from symbols where symbols.symbol is not null
    )
    select symbols.symbol, newest_bar.open_time as "openTime", newest_bar.close
    from symbols cross join lateral ${newestBar(sql.ref('symbols.symbol'))}
  `.execute(db);
  return rows;
}

/**
 * Returns an SQL table expression `newest_bar` with the newest bar of a symbol, or with no row if the symbol has no
 * bar. Postgres reads one entry of the index `bars_newest`.
 */
export function newestBar(symbol: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select timeframe, open_time, close from bars
    where bars.symbol = ${symbol} order by open_time desc limit 1
  ) as newest_bar`;
}
