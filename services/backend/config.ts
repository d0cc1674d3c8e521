import { z } from 'zod';
import { declaredPipelinesTokenSchema } from '#catalogue/declared-pipelines.ts';
import {
  databaseConfigSchema,
  kafkaConfigSchema,
  millisecondsSchema,
  portSchema,
  redisConfigSchema,
} from '#kit/config.ts';

const count = z.coerce.number().int().positive();

/** The environment variables of the backend, beside those of every process. */
export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  API_HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      'address of the API; its users need no authentication, so it is this machine only unless you say otherwise',
    ),
  API_PORT: portSchema.default(8000),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe(
      'what the operator must show to declare pipelines, the same as its own PIPELINES_API_TOKEN; nobody may without it',
    ),
  METRICS_ON_API: z.stringbool().default(false).describe('also answer /metrics on the API port'),
  API_RATE_LIMIT_PER_MINUTE: count.default(6_000).describe('most requests of one address in a minute'),
  API_BODY_LIMIT_BYTES: count.default(1_048_576),
  API_TRUST_PROXY: z
    .stringbool()
    .default(false)
    .describe('take the client address from X-Forwarded-For: only behind a proxy'),
  API_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    )
    .describe('origins of pages that may open the stream beside our own, separated by commas'),
  ENQUEUE_TIMEOUT_MS: millisecondsSchema
    .default(2_000)
    .describe('longest wait for the job queue before a manual run is failed'),
  STREAM_COALESCE_MS: millisecondsSchema.default(50).describe('changes within this time are read and sent together'),
  STREAM_HEARTBEAT_MS: millisecondsSchema
    .default(15_000)
    .describe('a client that answers no ping within this time is dropped'),
  STREAM_MAX_CLIENTS: count.default(1_000),
  STREAM_MAX_BUFFERED_BYTES: count.default(1_048_576).describe('a client that lets more than this wait is dropped'),
  PORTFOLIO_INTERVAL_MS: millisecondsSchema.default(5_000).describe('how often portfolio and bots are valued'),
  MARKET_DATA_BATCH_MAX: count.max(5_000).default(500).describe('bars stored in one statement'),
  MARKET_DATA_BATCH_WAIT_MS: millisecondsSchema.default(50),
});
export type BackendConfig = z.infer<typeof configSchema>;
