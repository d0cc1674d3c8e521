import { z } from 'zod';
import { tickerSchema, timeframes } from '../signals/signal.ts';

/** Sources of bars that metrics name. Bars of any other source are stored and not counted. */
export const marketDataSources = ['replay'] as const;
export type MarketDataSource = (typeof marketDataSources)[number];

/** A bar on the wire: topic `market-data`, key = symbol, JSON. Prices in the instrument's quote currency. */
export const barSchema = z.object({
  symbol: tickerSchema,
  timeframe: z.enum(timeframes),
  source: z.string().min(1).max(64).describe('where the bar came from: `replay`, or an exchange'),
  open_time: z.string().describe('open time of the bar, ISO 8601, UTC'),
  sequence: z
    .number()
    .int()
    .nonnegative()
    .describe('position of the bar in its source, from 0: where a replay resumes'),
  open: z.number().positive(),
  high: z.number().positive(),
  low: z.number().positive(),
  close: z.number().positive(),
  volume: z.number().nonnegative(),
  emitted_at: z.number().describe('when the source emitted it, unix seconds'),
});
export type Bar = z.infer<typeof barSchema>;

/** A closed bar that has not been published yet. */
export type ClosedBar = Omit<Bar, 'emitted_at'>;
