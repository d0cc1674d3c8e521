import { z } from 'zod';
import { databaseConfigSchema, redisConfigSchema } from '#kit/config.ts';
import { modelConfigSchema } from './model/model-config.ts';

/** The environment variables of celery-worker, in addition to those of every process. */
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
    .meta({ unit: 'executions' })
    .describe('most executions that one process runs at once'),
  PAPER_FEE_BPS: z.coerce
    .number()
    .min(0)
    .max(1_000)
    .default(10)
    .meta({ unit: 'basis points' })
    .describe('fee of a paper order, as a part of its value: 10 is 0.1 %'),
  SIGNAL_MAX_AGE_SECONDS: z.coerce
    .number()
    .positive()
    .default(900)
    .meta({ unit: 'seconds' })
    .describe('oldest signal that an order is placed on; the risk manager refuses older ones'),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;
