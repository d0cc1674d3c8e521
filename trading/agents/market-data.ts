import { z } from 'zod';
import { ExecutionFailure } from '../executions/execution.ts';
import type { TickerSignal } from '../signals/signal.ts';

/** Maximum number of bars that an agent reads: enough for the 200-close average and its slope. */
export const LOOKBACK_BARS = 250;

export interface MarketBar {
  openTime: Date;
  close: number;
}

export const marketDataResultSchema = z.object({
  price: z.string().describe('exact, in the quote currency'),
  price_from: z.enum(['signal', 'last_bar']),
  timeframe: z.string(),
  bars: z.number().int(),
  first_bar: z.string().nullable(),
  last_bar: z.string().nullable(),
  reasoning: z.string(),
});
type MarketDataResult = z.infer<typeof marketDataResultSchema>;

/**
 * Chooses the price for the execution: the price in the signal, or else the last close.
 * @param bars oldest first
 * @throws ExecutionFailure if there is neither a price nor a bar
 */
export function buildMarketData(
  timeframe: string,
  bars: readonly MarketBar[],
  signal: Pick<TickerSignal, 'price'> | undefined,
): MarketDataResult {
  const last = bars.at(-1);
  const price = signal?.price ?? last?.close;
  if (price === undefined) throw new ExecutionFailure('NO_PRICE', `timeframe ${timeframe}`);
  const from = signal?.price === undefined ? 'last_bar' : 'signal';
  return {
    price: String(price),
    price_from: from,
    timeframe,
    bars: bars.length,
    first_bar: bars[0]?.openTime.toISOString() ?? null,
    last_bar: last?.openTime.toISOString() ?? null,
    reasoning: `${price} is the ${from === 'signal' ? 'price of the signal' : 'last close'}; read ${bars.length} bars of ${timeframe}`,
  };
}
