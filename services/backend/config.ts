import { z } from 'zod';
import { declaredPipelinesTokenSchema } from '#catalogue/declared-pipelines.ts';
import {
  databaseConfigSchema,
  kafkaConfigSchema,
  millisecondsSchema,
  namesSchema,
  pipelineRoomSchema,
  portSchema,
  redisConfigSchema,
} from '#kit/config.ts';

const count = z.coerce.number().int().positive();

/** The environment variables of the backend, in addition to those of every process. */
export const configSchema = z.object({
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  ...pipelineRoomSchema.shape,
  API_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address on which the API listens; the API has no authentication of users, so the default is local only'),
  API_PORT: portSchema.default(8000).describe('port of the API; 0 takes a free one'),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe(
      'bearer token that the operator must send to declare pipelines; without it, nobody can declare any. The same secret as PIPELINES_API_TOKEN of the controller',
    ),
  METRICS_ON_API: z
    .stringbool()
    .default(false)
    .describe('true serves /metrics on the port of the API too, as make up does'),
  API_RATE_LIMIT_PER_MINUTE: count
    .default(6_000)
    .meta({ unit: 'requests a minute' })
    .describe('most requests of one client address in a minute; more get 429'),
  API_BODY_LIMIT_BYTES: count
    .default(1_048_576)
    .meta({ unit: 'bytes' })
    .describe('largest request body; a larger one gets 413'),
  API_TRUST_PROXY: z
    .stringbool()
    .default(false)
    .describe(
      'true takes the client address from the last entry of X-Forwarded-For; set it only behind a proxy that adds the address',
    ),
  API_ALLOWED_ORIGINS: namesSchema.describe(
    "origins of web pages, such as https://desk.example.com, that may change something and open the stream, besides the API's own; separated by commas",
  ),
  ENQUEUE_TIMEOUT_MS: millisecondsSchema
    .default(2_000)
    .describe('longest wait for the job queue; after it a manual run fails'),
  STREAM_COALESCE_MS: millisecondsSchema
    .default(50)
    .describe('changes that come within this time are read and sent to the stream together'),
  STREAM_HEARTBEAT_MS: millisecondsSchema
    .default(15_000)
    .describe('time between two pings of the stream; a client that has not answered by the next ping is dropped'),
  STREAM_MAX_CLIENTS: count.default(1_000).meta({ unit: 'clients' }).describe('most WebSocket clients at once'),
  STREAM_MAX_BUFFERED_BYTES: count
    .default(1_048_576)
    .meta({ unit: 'bytes' })
    .describe('most unsent data of one stream client; a client with more is dropped'),
  PORTFOLIO_INTERVAL_MS: millisecondsSchema
    .default(5_000)
    .describe('time between two valuations of the portfolio and the bots'),
  MARKET_DATA_BATCH_MAX: count
    .max(5_000)
    .default(500)
    .meta({ unit: 'bars' })
    .describe('most bars that one SQL statement stores'),
  MARKET_DATA_BATCH_WAIT_MS: millisecondsSchema.default(50).describe('longest that a bar waits for its batch to fill'),
});
const roleUrlSchema = (service: string) =>
  z
    .url()
    .optional()
    .describe(
      `only for \`main.mjs migrate\`: connection string of ${service}, whose role is created and gets the rights that ${service} needs`,
    );

/** The environment variables of `main.mjs migrate`, besides DATABASE_URL, the connection string of the tables' owner. */
export const migrationConfigSchema = z.object({
  BACKEND_DATABASE_URL: roleUrlSchema('backend'),
  CELERY_WORKER_DATABASE_URL: roleUrlSchema('celery-worker'),
  TRIGGER_DISPATCHER_DATABASE_URL: roleUrlSchema('trigger-dispatcher'),
});
export type BackendConfig = z.infer<typeof configSchema>;
