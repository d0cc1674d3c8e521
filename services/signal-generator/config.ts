import { z } from 'zod';
import { kafkaConfigSchema } from '#kit/config.ts';
import { tickerSchema } from '#trading/market/bar.ts';

const symbolsSchema = z
  .string()
  .transform((text) => text.split(',').map((symbol) => symbol.trim()))
  .pipe(z.array(tickerSchema).min(1));

export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  REPLAY_BARS_PER_SECOND: z.coerce
    .number()
    .gt(0)
    .max(10_000)
    .default(10)
    .describe('bars per second of each symbol; 0.1 is one bar in ten seconds'),
  REPLAY_SYMBOLS: symbolsSchema.optional().describe('symbols to replay, separated by commas; default: all'),
  MARKET_HOURS: z
    .enum(['replay', 'exchange'])
    .default('replay')
    .describe(
      'replay: a market is open while its data lasts; exchange: bars come only during the opening hours of the real market',
    ),
  REPLAY_LOOP: z
    .stringbool()
    .default(true)
    .describe('true: the replay continues after the end of the data; false: the market closes there'),
});
export type GeneratorConfig = z.infer<typeof configSchema>;
