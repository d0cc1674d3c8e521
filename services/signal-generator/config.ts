import { z } from 'zod';
import { kafkaConfigSchema } from '#kit/config.ts';
import { tickerSchema } from '#trading/market/bar.ts';

const symbolsSchema = z
  .string()
  .transform((text) => text.split(',').map((symbol) => symbol.trim()))
  .pipe(z.array(tickerSchema).min(1));

/** The environment variables of signal-generator, in addition to those of every process. */
export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  REPLAY_BARS_PER_SECOND: z.coerce
    .number()
    .gt(0)
    .max(10_000)
    .default(10)
    .meta({ unit: 'bars a second' })
    .describe('speed of the replay, for each symbol; 0.1 is one bar in ten seconds'),
  REPLAY_SYMBOLS: symbolsSchema
    .optional()
    .describe('symbols to replay, separated by commas; without it, all symbols of the data'),
  MARKET_HOURS: z
    .enum(['replay', 'exchange'])
    .default('replay')
    .describe(
      'replay keeps a market open while its data lasts; exchange opens it only during the hours of the real exchange, so that nights are quiet',
    ),
  REPLAY_LOOP: z
    .stringbool()
    .default(true)
    .describe('true starts again at the end of the data; false closes the market there'),
  MOCK_GENERATOR: z
    .stringbool()
    .default(false)
    .describe('true adds random signals of the type mock, whatever the prices do, for demonstrations and tests'),
  MOCK_SEED: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(1)
    .meta({ unit: 'seed' })
    .describe('seed of the mock signals: the same seed and data give the same signals'),
});
export type GeneratorConfig = z.infer<typeof configSchema>;
