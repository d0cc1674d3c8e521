import { z } from 'zod';
import { kafkaConfigSchema } from '#kit/config.ts';
import { tickerSchema } from '#trading/signals/signal.ts';

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
    .describe('bars a second of each symbol; 0.1 is one in ten seconds'),
  REPLAY_SYMBOLS: symbolsSchema.optional().describe('symbols to replay, separated by commas; all when absent'),
  MARKET_HOURS: z
    .enum(['replay', 'exchange'])
    .default('replay')
    .describe(
      'replay: a market is open while its data lasts; exchange: only while the true one is, so that nights are quiet',
    ),
  REPLAY_LOOP: z.stringbool().default(true).describe('go on after the end of the data; false closes the market there'),
});
export type GeneratorConfig = z.infer<typeof configSchema>;
