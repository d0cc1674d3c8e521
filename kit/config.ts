/**
 * Reads the environment variables of a process with zod schemas. Each variable has a description. A number also has a
 * unit: its own `meta({ unit })`, or the unit of a shared schema in this file. docs/configuration.md is generated from
 * descriptions and units.
 */
import { z } from 'zod';
import { showValue } from '#base/mask-secrets.ts';
import { findAddressFault, parseHttpAddress } from '#base/parse-address.ts';
import { DEFAULT_MAX_ENTRIES } from '#trading/matching/index-entries.ts';
import { parseBrokers } from './kafka/parse-brokers.ts';
import { ANY_ADDRESS } from './listen-host.ts';
import { parsePostgresAddress } from './postgres/parse-postgres-address.ts';
import { parseRedisAddress } from './redis-address.ts';

/** A port to listen on. With 0 the kernel chooses a free port. */
export const portSchema = z.coerce.number().int().min(0).max(65_535).meta({ unit: 'port' });
export const millisecondsSchema = z.coerce.number().int().positive().meta({ unit: 'ms' });

/** A text that `parse` accepts. `parse` throws an AddressError for an address that can never work. */
function addressSchema(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    const message = findAddressFault(text, parse);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}
export const httpAddressSchema = addressSchema(parseHttpAddress);
/** Any number of names, separated by commas. */
export const namesSchema = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );

/** Variables of the two processes that bound the index of pipelines: the backend refuses what the dispatcher cannot hold. */
export const pipelineRoomSchema = z.object({
  PIPELINES_MAX_ENTRIES: z.coerce
    .number()
    .int()
    .positive()
    .default(DEFAULT_MAX_ENTRIES)
    .meta({ unit: 'entries' })
    .describe(
      "most entries of all pipelines in the dispatcher's index, 260 bytes each; more pipelines are refused. A pipeline takes 1, and 4 for each pair of a ticker and a signal; or, above 32 pairs, 2 for each ticker and each signal. The same in backend and trigger-dispatcher",
    ),
});

/** The environment variables that every process reads. */
export const processConfigSchema = z.object({
  METRICS_HOST: z
    .string()
    .default(ANY_ADDRESS)
    .describe('address on which /metrics, /healthz and /readyz listen; :: accepts IPv6 and IPv4'),
  METRICS_PORT: portSchema.default(8001).describe('port of /metrics, /healthz and /readyz; 0 takes a free one'),
  HTTP_ALLOWED_HOSTS: namesSchema.describe(
    'host names by which clients may call the HTTP ports, besides IP addresses, localhost and the name of the machine; separated by commas. *.example.com allows every name below example.com, * every name. Other names get 421',
  ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('lowest level that is logged: trace, debug, info, warn, error, fatal or silent'),
  SHUTDOWN_TIMEOUT_MS: millisecondsSchema
    .default(25_000)
    .describe('most time after SIGTERM to finish work that has begun; after it the process exits with 1'),
});
export type ProcessConfig = z.infer<typeof processConfigSchema>;

export const kafkaConfigSchema = z.object({
  KAFKA_BROKERS: addressSchema(parseBrokers)
    .transform(parseBrokers)
    .prefault('127.0.0.1:9092')
    .describe('brokers to connect to first, as host:port, separated by commas'),
  KAFKA_TLS: z.stringbool().default(false).describe('true connects by TLS'),
  KAFKA_CA: z
    .string()
    .optional()
    .describe("PEM of the CA that signed the brokers' certificates; without it, Node's own CAs. Needs KAFKA_TLS"),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('SASL mechanism: plain, scram-sha-256 or scram-sha-512; without it, no authentication'),
  KAFKA_USERNAME: z.string().optional().describe('user name for SASL'),
  KAFKA_PASSWORD: z.string().optional().describe('password for SASL'),
});
export type KafkaConfig = z.infer<typeof kafkaConfigSchema>;

export const databaseConfigSchema = z.object({
  DATABASE_URL: addressSchema(parsePostgresAddress)
    .default('postgres://trading@127.0.0.1:5432/trading')
    .describe('connection string of Postgres, with user, password and database'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(10)
    .meta({ unit: 'connections' })
    .describe('most connections of one process to Postgres'),
});
export type DatabaseConfig = z.infer<typeof databaseConfigSchema>;

export const redisConfigSchema = z.object({
  REDIS_URL: addressSchema(parseRedisAddress)
    .default('redis://127.0.0.1:6379')
    .describe(
      'URL of Redis, with password and database number if it has them; rediss:// connects by TLS. Sentinel: redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/NAME/DATABASE?sentinelPassword=…; Cluster: redis+cluster://USER:PASSWORD@HOST:6379,HOST:6379',
    ),
});
export type RedisConfig = z.infer<typeof redisConfigSchema>;

/**
 * Reads a configuration from environment variables. A variable that is set to an empty string counts as not set.
 * @throws Error that names every wrong variable, its value (masked if it may be a secret), and the expected value
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    const variable = String(issue.path[0]);
    return `${variable}=${showValue(variable, env[variable] ?? '')}: ${issue.message}`;
  });
  throw new Error(`wrong configuration: ${wrong.join('; ')}`);
}
