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

/** The environment variables of the backend, in addition to those of every process. */
export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  API_HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      'address that the API listens on; the default is this machine only, because users of the API need no authentication',
    ),
  API_PORT: portSchema.default(8000).describe('port of the API'),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe(
      'bearer token that lets the operator declare pipelines, equal to its own PIPELINES_API_TOKEN; without it nobody can',
    ),
  METRICS_ON_API: z.stringbool().default(false).describe('serve /metrics on the API port too'),
  API_RATE_LIMIT_PER_MINUTE: count
    .default(6_000)
    .describe('largest number of requests of one client address in a minute'),
  API_BODY_LIMIT_BYTES: count.default(1_048_576).describe('largest body of a request, in bytes'),
  API_TRUST_PROXY: z
    .stringbool()
    .default(false)
    .describe('take the client address from X-Forwarded-For; set it only behind a proxy'),
  API_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    )
    .describe('origins whose pages may open the stream, in addition to the own origin of the API; separated by commas'),
  ENQUEUE_TIMEOUT_MS: millisecondsSchema
    .default(2_000)
    .describe('longest wait for the job queue before a manual run is stored as failed'),
  STREAM_COALESCE_MS: millisecondsSchema
    .default(50)
    .describe('changes within this time are read and sent to the stream together'),
  STREAM_HEARTBEAT_MS: millisecondsSchema
    .default(15_000)
    .describe('a stream client that does not answer a ping within this time is dropped'),
  STREAM_MAX_CLIENTS: count.default(1_000).describe('largest number of clients of the stream at once'),
  STREAM_MAX_BUFFERED_BYTES: count
    .default(1_048_576)
    .describe('a stream client with more unsent bytes than this is dropped'),
  PORTFOLIO_INTERVAL_MS: millisecondsSchema
    .default(5_000)
    .describe('interval at which the portfolio and the bots are valued'),
  MARKET_DATA_BATCH_MAX: count.max(5_000).default(500).describe('largest number of bars stored in one statement'),
  MARKET_DATA_BATCH_WAIT_MS: millisecondsSchema.default(50).describe('longest wait for a batch of bars to fill'),
});
export type BackendConfig = z.infer<typeof configSchema>;
