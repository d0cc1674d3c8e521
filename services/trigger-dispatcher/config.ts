import { z } from 'zod';
import { databaseConfigSchema, kafkaConfigSchema, millisecondsSchema, redisConfigSchema } from '#kit/config.ts';

export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  BATCH_MAX_SIGNALS: z.coerce.number().int().min(1).max(1_000).default(20).describe('most messages in one batch'),
  BATCH_MAX_WAIT_MS: millisecondsSchema
    .max(60_000)
    .default(500)
    .describe('longest time that a message waits for its batch to fill'),
  REFRESH_INTERVAL_MS: millisecondsSchema
    .default(30_000)
    .describe('how often the whole index is compared with Postgres'),
  SWEEP_INTERVAL_MS: millisecondsSchema
    .default(60_000)
    .describe('how often executions that wait for more than a minute are enqueued again'),
});
export type DispatcherConfig = z.infer<typeof configSchema>;
