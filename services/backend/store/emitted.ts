import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/schema.ts';

/** A series of bars that is stored. */
interface BarSeries {
  symbol: string;
  timeframe: string;
}

/**
 * Reads the series of all stored bars, at most `limit`. The query skips from series to series in the primary key, so its time
 * grows with the number of series and not with the number of bars.
 */
export async function readBarSeries(db: Kysely<Database>, limit: number): Promise<BarSeries[]> {
  const { rows } = await sql<BarSeries>`
    with recursive seen as (
      (select symbol, timeframe from bars order by symbol, timeframe limit 1)
      union all
      select further.symbol, further.timeframe from seen cross join lateral (
        select symbol, timeframe from bars
        where (bars.symbol, bars.timeframe) > (seen.symbol, seen.timeframe) order by symbol, timeframe limit 1
      ) as further
    )
    select symbol, timeframe from seen limit ${limit}
  `.execute(db);
  return rows;
}

interface SignalSeries extends BarSeries {
  type: string;
}

/** How many of the newest signals are read. Each names up to 100 tickers. */
const NEWEST_SIGNALS = 1_000;

/** Reads which types of signals the newest signals had, for which symbols and timeframes; at most `limit` combinations. */
export async function readSignalSeries(db: Kysely<Database>, limit: number): Promise<SignalSeries[]> {
  const { rows } = await sql<SignalSeries>`
    select distinct newest.signal_type as type, newest.timeframe, ticker ->> 'ticker' as symbol
    from (
      select signal_type, timeframe, signal from signals order by stored_at desc, signal_id desc limit ${NEWEST_SIGNALS}
    ) as newest
    cross join lateral jsonb_array_elements(newest.signal -> 'tickers') as ticker
    limit ${limit}
  `.execute(db);
  return rows;
}

/** Reads when the oldest stored signal was stored; undefined if there is none. */
export async function readFirstSignalTime(db: Kysely<Database>): Promise<Date | undefined> {
  const row = await db.selectFrom('signals').select('stored_at').orderBy('stored_at').limit(1).executeTakeFirst();
  return row?.stored_at;
}
