import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { Database } from '#platform/schema.ts';
import type { LastPrices } from '#trading/market/last-prices.ts';
import type { PortfolioGauges } from './portfolio-gauges.ts';
import { readValuation } from './read-valuation.ts';

export interface KeepValuedOptions {
  db: Kysely<Database>;
  lastPrices: LastPrices;
  gauges: PortfolioGauges;
  everyMs: number;
  log: Logger;
}

/** Keeps the gauges of portfolio and bots current. */
export function keepValued({ db, lastPrices, gauges, everyMs, log }: KeepValuedOptions): Repetition {
  return repeat('value the portfolio', everyMs, log, async () => {
    try {
      gauges.show(await readValuation(db, lastPrices));
    } catch (error) {
      gauges.forget();
      throw error;
    }
  });
}
