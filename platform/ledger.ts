import { type Kysely, sql } from 'kysely';
import type { RiskState } from '#trading/limits.ts';
import { Exact } from '#trading/money.ts';
import { newestBar } from './market-reader.ts';
import type { Database } from './schema.ts';

export interface RiskQuery {
  pipelineId: string;
  symbol: string;
  /** Of the symbol, now; other symbols are valued at their last close. */
  price: Exact;
  /** Start of the day whose losses count. */
  since: Date;
}

/**
 * Reads what the limits are held against.
 * @param lock inside the order's transaction: nobody else orders, and the pipeline is not stopped, until it ends
 */
export async function readRiskState(
  db: Kysely<Database>,
  query: RiskQuery,
  { lock }: { lock: boolean },
): Promise<RiskState> {
  // The portfolio comes first: its lock is what orders wait for.
  const portfolio = await db
    .selectFrom('portfolio')
    .select(['cash_usd', 'peak_value_usd'])
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirstOrThrow();
  const pipeline = await db
    .selectFrom('pipelines')
    .select('status')
    .where('pipeline_id', '=', query.pipelineId)
    .$if(lock, (select) => select.forShare())
    .executeTakeFirstOrThrow();
  const cashUsd = new Exact(portfolio.cash_usd);
  const totalValueUsd = cashUsd.add(await readPositionsValue(db, query));
  return {
    pipelineStatus: pipeline.status,
    cashUsd,
    position: await readPosition(db, query),
    realisedTodayUsd: await readRealised(db, query),
    totalValueUsd,
    peakValueUsd: Exact.max(portfolio.peak_value_usd, totalValueUsd),
  };
}

async function readPosition(db: Kysely<Database>, { pipelineId, symbol }: RiskQuery): Promise<RiskState['position']> {
  const row = await db
    .selectFrom('positions')
    .select(['quantity', 'average_price', 'realised_pnl_usd'])
    .where('pipeline_id', '=', pipelineId)
    .where('symbol', '=', symbol)
    .executeTakeFirst();
  return {
    quantity: new Exact(row?.quantity ?? 0),
    averagePrice: new Exact(row?.average_price ?? 0),
    realisedPnlUsd: new Exact(row?.realised_pnl_usd ?? 0),
  };
}

async function readRealised(db: Kysely<Database>, { pipelineId, since }: RiskQuery): Promise<Exact> {
  const row = await db
    .selectFrom('orders')
    .select(sql<string>`coalesce(sum(realised_pnl_usd), 0)`.as('realised'))
    .where('pipeline_id', '=', pipelineId)
    .where('created_at', '>=', since)
    .where('status', '=', 'filled')
    .executeTakeFirstOrThrow();
  return new Exact(row.realised);
}

/** All pipelines' positions at the last prices; at cost where no bar is stored. */
async function readPositionsValue(db: Kysely<Database>, { symbol, price }: RiskQuery): Promise<Exact> {
  const lastClose = sql<number | null>`(select close from ${newestBar(sql.ref('positions.symbol'))})`;
  const rows = await db
    .selectFrom('positions')
    .select([
      'symbol',
      sql<string>`sum(quantity)`.as('quantity'),
      sql<string>`sum(quantity * average_price)`.as('cost'),
      lastClose.as('close'),
    ])
    .where('quantity', '>', '0')
    .groupBy('symbol')
    .execute();
  const values = rows.map((row) => {
    const last = row.symbol === symbol ? price : row.close;
    return last === null ? new Exact(row.cost) : new Exact(row.quantity).mul(last);
  });
  return Exact.sum(0, ...values);
}
