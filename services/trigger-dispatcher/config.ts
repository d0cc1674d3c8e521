import { z } from 'zod';
import { databaseConfigSchema, kafkaConfigSchema, millisecondsSchema, redisConfigSchema } from '#kit/config.ts';

export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  BATCH_MAX_SIGNALS: z.coerce.number().int().min(1).max(1_000).default(20).describe('most signals handled at once'),
  BATCH_MAX_WAIT_MS: millisecondsSchema
    .max(60_000)
    .default(500)
    .describe('most time a signal waits for its batch to fill'),
  REFRESH_INTERVAL_MS: millisecondsSchema.default(30_000).describe('how often the index is compared with the database'),
  SWEEP_INTERVAL_MS: millisecondsSchema
    .default(60_000)
    .describe('how often executions that wait too long are enqueued again'),
});
export type DispatcherConfig = z.infer<typeof configSchema>;
