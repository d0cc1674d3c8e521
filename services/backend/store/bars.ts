import { type Kysely, sql } from 'kysely';
import type { Database } from '#platform/schema.ts';
import type { Bar } from '#trading/market/bar.ts';
import type { PricedBar } from '#trading/market/last-prices.ts';

/** Stores bars in one statement; those that are stored already stay as they are. */
export async function insertBars(db: Kysely<Database>, bars: readonly Bar[]): Promise<void> {
  if (bars.length === 0) return;
  const rows = bars.map(({ symbol, timeframe, open_time, source, open, high, low, close, volume }) => {
    return { symbol, timeframe, open_time, source, open, high, low, close, volume };
  });
  await db
    .insertInto('bars')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The newest bar of each symbol. Goes from symbol to symbol in the index, so that its time grows with the symbols, not with the bars. */
export async function readNewestBars(db: Kysely<Database>): Promise<PricedBar[]> {
  const { rows } = await sql<PricedBar>`
    with recursive symbols as (
      (select symbol from bars order by symbol limit 1)
      union all
      select (select symbol from bars where symbol > symbols.symbol order by symbol limit 1) from symbols where symbols.symbol is not null
    )
    select newest.symbol, newest.open_time as "openTime", newest.close
    from symbols
    cross join lateral (select * from bars where bars.symbol = symbols.symbol order by open_time desc limit 1) as newest
  `.execute(db);
  return rows;
}
