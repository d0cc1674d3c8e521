import { type Kysely, sql } from 'kysely';
import type { Database, PositionRow } from '#platform/schema.ts';
import type { Holding } from '#trading/ledger/valuation.ts';

export interface StoredPortfolio {
  cashUsd: string;
  peakValueUsd: string;
  holdings: Holding[];
}

/**
 * Cash and positions in one statement: between two, an order could be in the one and not yet in the other.
 * @throws Error when there is no portfolio: the migration makes it
 */
export async function readPortfolio(db: Kysely<Database>): Promise<StoredPortfolio> {
  const rows = await db
    .selectFrom('portfolio')
    .leftJoin('positions', (join) => join.onTrue())
    .select(['cash_usd', 'peak_value_usd', 'pipeline_id', 'symbol', 'quantity', 'average_price', 'realised_pnl_usd'])
    .orderBy('pipeline_id')
    .orderBy('symbol')
    .execute();
  const [first] = rows;
  if (!first)
    throw new Error('there is no portfolio: its row was deleted; insert it again with cash_usd and peak_value_usd');
  const holdings = rows.flatMap((row) => (row.pipeline_id === null ? [] : [toHolding(row as unknown as PositionRow)]));
  return { cashUsd: first.cash_usd, peakValueUsd: first.peak_value_usd, holdings };
}

export async function readHoldings(db: Kysely<Database>, pipelineIds: readonly string[]): Promise<Holding[]> {
  if (pipelineIds.length === 0) return [];
  const rows = await db
    .selectFrom('positions')
    .selectAll()
    .where('pipeline_id', 'in', pipelineIds)
    .orderBy('symbol')
    .execute();
  return rows.map(toHolding);
}

/** Raises the peak; one that is higher already, by another backend, stays. */
export async function raisePeak(db: Kysely<Database>, valueUsd: string): Promise<void> {
  await db
    .updateTable('portfolio')
    .set({ peak_value_usd: valueUsd, updated_at: sql`now()` })
    .where('peak_value_usd', '<', valueUsd)
    .execute();
}

function toHolding(row: Omit<PositionRow, 'updated_at'>): Holding {
  return {
    pipelineId: row.pipeline_id,
    symbol: row.symbol,
    quantity: row.quantity,
    averagePrice: row.average_price,
    realisedPnlUsd: row.realised_pnl_usd,
  };
}
