import type { Kysely } from 'kysely';
import type { Database } from '#platform/schema.ts';
import { formatMoney, valuePortfolio } from '#trading/ledger/valuation.ts';
import type { LastPrices } from '#trading/market/last-prices.ts';
import { readNewestBars } from '../store/bars.ts';
import { countBots } from '../store/bots.ts';
import { raisePeak, readPortfolio } from '../store/portfolio.ts';
import type { Valuation } from './portfolio-gauges.ts';

/**
 * Values portfolio and bots as they are now, and raises the stored peak. Reads the newest bars first: another backend
 * may have stored those of the partitions that this one is not assigned.
 */
export async function readValuation(db: Kysely<Database>, lastPrices: LastPrices): Promise<Valuation> {
  lastPrices.offer(await readNewestBars(db));
  const [stored, bots] = await Promise.all([readPortfolio(db), countBots(db)]);
  const portfolio = valuePortfolio(stored, lastPrices.of);
  if (portfolio.peakValueUsd.gt(stored.peakValueUsd)) await raisePeak(db, formatMoney(portfolio.peakValueUsd));
  return { portfolio, bots };
}
