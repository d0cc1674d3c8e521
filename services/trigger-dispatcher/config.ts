import { z } from 'zod';
import {
  databaseConfigSchema,
  kafkaConfigSchema,
  millisecondsSchema,
  pipelineRoomSchema,
  redisConfigSchema,
} from '#kit/config.ts';

/** The environment variables of trigger-dispatcher, in addition to those of every process. */
export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  ...pipelineRoomSchema.shape,
  BATCH_MAX_SIGNALS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .meta({ unit: 'signals' })
    .describe('most signals that are stored in one transaction'),
  BATCH_MAX_WAIT_MS: millisecondsSchema
    .max(60_000)
    .default(500)
    .describe('longest that a signal waits for its batch to fill'),
  REFRESH_INTERVAL_MS: millisecondsSchema
    .default(30_000)
    .describe('time between two comparisons of the pipeline index with the database'),
  SCHEDULE_INTERVAL_MS: millisecondsSchema
    .max(60_000)
    .default(1_000)
    .describe('time between two searches for pipelines whose schedule is due; a start is late by up to this time'),
  SWEEP_INTERVAL_MS: millisecondsSchema
    .default(60_000)
    .describe('time between two searches for executions that have waited too long; they are enqueued again'),
});
export type DispatcherConfig = z.infer<typeof configSchema>;
