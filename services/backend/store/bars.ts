import type { Kysely } from 'kysely';
import type { Database } from '#platform/schema.ts';
import type { Bar } from '#trading/market/bar.ts';

/** Stores bars in one statement. Bars that are already stored are not changed. */
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
