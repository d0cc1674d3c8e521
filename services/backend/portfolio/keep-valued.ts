import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import { readPortfolio, recordValuation } from '#platform/ledger.ts';
import { readNewestBars } from '#platform/market-reader.ts';
import type { Database } from '#platform/schema.ts';
import { valuePortfolio } from '#trading/ledger/valuation.ts';
import type { LastPrices } from '#trading/market/last-prices.ts';
import { countBots } from '../store/bots.ts';
import type { PortfolioGauges, Valuation } from './portfolio-gauges.ts';

interface KeepValuedOptions {
  db: Kysely<Database>;
  lastPrices: LastPrices;
  gauges: PortfolioGauges;
  everyMs: number;
  log: Logger;
}

/**
 * Values the portfolio at an interval, records each valuation in the ledger, and updates the gauges of portfolio and
 * bots.
 */
export function keepValued({ db, lastPrices, gauges, everyMs, log }: KeepValuedOptions): Repetition {
  return repeat('value the portfolio', everyMs, log, async () => {
    try {
      const valuation = await readValuation(db, lastPrices);
      await recordValuation(db, valuation.portfolio.totalValueUsd);
      gauges.show(valuation);
    } catch (error) {
      gauges.forget();
      throw error;
    }
  });
}

/**
 * Updates the last prices from the database, then values the portfolio. The database has more bars than this backend
 * has consumed, because other backends consume some of the topic's partitions.
 */
async function readValuation(db: Kysely<Database>, lastPrices: LastPrices): Promise<Valuation> {
  lastPrices.offer(await readNewestBars(db));
  const [stored, bots] = await Promise.all([readPortfolio(db), countBots(db)]);
  return { portfolio: valuePortfolio(stored, lastPrices.of), bots };
}
