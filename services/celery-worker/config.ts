import { z } from 'zod';
import { databaseConfigSchema, redisConfigSchema } from '#kit/config.ts';
import { modelConfigSchema } from './model/model-config.ts';

/** What celery-worker reads from its environment. */
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
    .describe('executions one process runs at once'),
  PAPER_FEE_BPS: z.coerce
    .number()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('fee of a paper order, in hundredths of a per cent'),
  SIGNAL_MAX_AGE_SECONDS: z.coerce.number().positive().default(900).describe('no order on a signal older than this'),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;
