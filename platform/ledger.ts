/**
 * The ledger: cash, positions, and the peak of the portfolio's value. No other code writes the tables `portfolio` and
 * `positions`. This file reads and writes these tables; trading/ledger/ does the arithmetic.
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { applyFill } from '#trading/ledger/fill.ts';
import { type Holding, valuePortfolio } from '#trading/ledger/valuation.ts';
import type { ProposedOrder, RiskState } from '#trading/limits.ts';
import { Exact, type ExactValue } from '#trading/money.ts';
import { newestBar } from './market-reader.ts';
import type { Database, PositionRow } from './schema.ts';

interface StoredPortfolio {
  cashUsd: string;
  peakValueUsd: string;
  holdings: Holding[];
}

interface PricedPortfolio extends StoredPortfolio {
  /** Close price of the newest bar of each symbol with an open position, keyed by symbol. */
  closes: ReadonlyMap<string, number>;
}

/**
 * Reads cash and positions in one statement. If there were two, an order could commit between them, and only the second
 * result would include the order.
 * @throws Error if the portfolio's row is missing
 */
export async function readPortfolio(db: Kysely<Database>): Promise<StoredPortfolio> {
  return parsePortfolio(await selectPortfolio(db).execute());
}

export async function readHoldings(db: Kysely<Database>, pipelineIds: readonly string[]): Promise<Holding[]> {
  if (pipelineIds.length === 0) return [];
  const rows = await db
    .selectFrom('positions')
    .selectAll()
    .where('pipeline_id', 'in', pipelineIds)
    .orderBy('symbol')
    .execute();
  return rows.map(parseHolding);
}

/** Raises the stored peak to this value of the portfolio, unless the peak is already higher. */
export async function recordValuation(db: Kysely<Database>, totalValueUsd: Exact): Promise<void> {
  const value = totalValueUsd.toString();
  await db
    .updateTable('portfolio')
    .set({ peak_value_usd: value, updated_at: sql`now()` })
    .where('peak_value_usd', '<', value)
    .execute();
}

/** Locks the portfolio, so that other orders wait until the transaction ends. */
export async function lockPortfolio(transaction: Transaction<Database>): Promise<void> {
  await transaction.selectFrom('portfolio').select('portfolio_id').forUpdate().executeTakeFirstOrThrow();
}

interface ValuationQuery {
  pipelineId: string;
  symbol: string;
  /** Current price of `symbol`. All other symbols are valued at the close of their newest bar. */
  price: Exact;
  /** Start of the day whose losses count towards the daily limit. */
  since: Date;
}

/**
 * Values the portfolio before an order, records the value, and returns the state that limits are checked against.
 * Because the value is recorded here, the stored peak takes account of every price at which an order is decided, even
 * if no backend runs.
 * @param lock if true, locks the pipeline's row, so that the pipeline cannot be stopped before the transaction ends.
 * Set `lock` only inside the order's transaction, after lockPortfolio
 */
export async function valueBeforeOrder(
  db: Kysely<Database>,
  query: ValuationQuery,
  { lock }: { lock: boolean },
): Promise<RiskState> {
  const pipeline = await db
    .selectFrom('pipelines')
    .select('status')
    .where('pipeline_id', '=', query.pipelineId)
    .$if(lock, (select) => select.forShare())
    .executeTakeFirstOrThrow();
  const portfolio = await readPricedPortfolio(db, query);
  const { cashUsd, totalValueUsd, peakValueUsd } = valuePortfolio(portfolio, priceFrom(portfolio, query));
  if (totalValueUsd.gt(portfolio.peakValueUsd)) await recordValuation(db, totalValueUsd);
  return {
    pipelineStatus: pipeline.status,
    cashUsd,
    position: findPosition(portfolio, query),
    realisedTodayUsd: await readRealised(db, query),
    totalValueUsd,
    peakValueUsd,
  };
}

/**
 * Updates position and cash after a fill. Must be called in the transaction that stores the order, with the state that
 * valueBeforeOrder returned under the lock.
 * @returns the profit that the fill realised, in USD
 */
export async function bookFill(
  transaction: Transaction<Database>,
  { pipelineId, symbol }: Pick<ValuationQuery, 'pipelineId' | 'symbol'>,
  order: ProposedOrder,
  { cashUsd, position }: RiskState,
): Promise<Exact> {
  const { after, realisedPnlUsd } = applyFill({ cashUsd, ...position }, order);
  const updated_at = sql<Date>`clock_timestamp()`;
  const columns = {
    quantity: after.quantity.toString(),
    average_price: after.averagePrice.toString(),
    realised_pnl_usd: after.realisedPnlUsd.toString(),
    updated_at,
  };
  await transaction
    .insertInto('positions')
    .values({ pipeline_id: pipelineId, symbol, ...columns })
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'symbol']).doUpdateSet(columns))
    .execute();
  await transaction.updateTable('portfolio').set({ cash_usd: after.cashUsd.toString(), updated_at }).execute();
  return realisedPnlUsd;
}

/**
 * Selects one row for each position, each with cash and peak. If there is no position, selects one row with only cash
 * and peak.
 */
function selectPortfolio(db: Kysely<Database>, positions: RawBuilder<boolean> = sql`true`) {
  return db
    .selectFrom('portfolio')
    .leftJoin('positions', (join) => join.on(positions))
    .select(['cash_usd', 'peak_value_usd', 'pipeline_id', 'symbol', 'quantity', 'average_price', 'realised_pnl_usd'])
    .orderBy('pipeline_id')
    .orderBy('symbol');
}

type PortfolioRow = Awaited<ReturnType<ReturnType<typeof selectPortfolio>['execute']>>[number];

function parsePortfolio(rows: readonly PortfolioRow[]): StoredPortfolio {
  const [first] = rows;
  if (!first)
    throw new Error('the portfolio has no row: insert one into the table portfolio, with cash_usd and peak_value_usd');
  const holdings = rows.flatMap((row) =>
    row.pipeline_id === null ? [] : [parseHolding(row as unknown as PositionRow)],
  );
  return { cashUsd: first.cash_usd, peakValueUsd: first.peak_value_usd, holdings };
}

function parseHolding(row: Omit<PositionRow, 'updated_at'>): Holding {
  return {
    pipelineId: row.pipeline_id,
    symbol: row.symbol,
    quantity: row.quantity,
    averagePrice: row.average_price,
    realisedPnlUsd: row.realised_pnl_usd,
  };
}

/**
 * Reads the open positions with their last prices. Includes the position of the query even if that position is closed.
 */
async function readPricedPortfolio(
  db: Kysely<Database>,
  { pipelineId, symbol }: ValuationQuery,
): Promise<PricedPortfolio> {
  const positions = sql<boolean>`(quantity > 0 or (pipeline_id = ${pipelineId} and symbol = ${symbol}))`;
  const close = sql<number | null>`(select close from ${newestBar(sql.ref('positions.symbol'))})`;
  const rows = await selectPortfolio(db, positions).select(close.as('close')).execute();
  const closes = new Map<string, number>();
  for (const row of rows) if (row.symbol !== null && row.close !== null) closes.set(row.symbol, row.close);
  return { ...parsePortfolio(rows), closes };
}

function priceFrom({ closes }: PricedPortfolio, { symbol, price }: ValuationQuery) {
  return (wanted: string): Exact | undefined => {
    const last: ExactValue | undefined = wanted === symbol ? price : closes.get(wanted);
    return last === undefined ? undefined : new Exact(last);
  };
}

function findPosition({ holdings }: StoredPortfolio, { pipelineId, symbol }: ValuationQuery): RiskState['position'] {
  const held = holdings.find((holding) => holding.pipelineId === pipelineId && holding.symbol === symbol);
  return {
    quantity: new Exact(held?.quantity ?? 0),
    averagePrice: new Exact(held?.averagePrice ?? 0),
    realisedPnlUsd: new Exact(held?.realisedPnlUsd ?? 0),
  };
}

async function readRealised(db: Kysely<Database>, { pipelineId, since }: ValuationQuery): Promise<Exact> {
  const row = await db
    .selectFrom('orders')
    .select(sql<string>`coalesce(sum(realised_pnl_usd), 0)`.as('realised'))
    .where('pipeline_id', '=', pipelineId)
    .where('created_at', '>=', since)
    .where('status', '=', 'filled')
    .executeTakeFirstOrThrow();
  return new Exact(row.realised);
}
