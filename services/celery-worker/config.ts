import { z } from 'zod';
import { databaseConfigSchema, redisConfigSchema } from '#kit/config.ts';
import { modelConfigSchema } from './model/model-config.ts';

/** Environment variables of celery-worker. */
export const workerConfigSchema = z.object({
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  ...modelConfigSchema.shape,
  WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('executions that one process runs at the same time'),
  PAPER_FEE_BPS: z.coerce
    .number()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('fee of a paper order, in basis points (hundredths of a per cent)'),
  SIGNAL_MAX_AGE_SECONDS: z.coerce
    .number()
    .positive()
    .default(900)
    .describe('signals older than this lead to no order'),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;
