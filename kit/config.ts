import { z } from 'zod';

/** A port of this machine; 0 asks the kernel for a free one. */
export const portSchema = z.coerce.number().int().min(0).max(65_535);
/** A length of time in milliseconds. */
export const millisecondsSchema = z.coerce.number().int().positive();
/** host:port, several separated by commas. */
export const addressesSchema = z
  .string()
  .transform((text) => text.split(',').map((address) => address.trim()))
  .pipe(z.array(z.string().regex(/^.+:\d+$/, 'must be host:port, several separated by commas')).min(1));

/** What every process reads. */
export const processConfigSchema = z.object({
  METRICS_HOST: z.string().default('0.0.0.0').describe('address /metrics, /healthz and /readyz listen on'),
  METRICS_PORT: portSchema.default(8001),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SHUTDOWN_TIMEOUT_MS: millisecondsSchema.default(25_000).describe('most time to finish what was begun after SIGTERM'),
});
export type ProcessConfig = z.infer<typeof processConfigSchema>;

export const kafkaConfigSchema = z.object({
  KAFKA_BROKERS: addressesSchema.prefault('127.0.0.1:9092'),
  KAFKA_TLS: z.stringbool().default(false).describe('connect by TLS'),
  KAFKA_CA: z.string().optional().describe('PEM of the CA that signed the brokers; those of Node when absent'),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
});
export const databaseConfigSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres://')
    .default('postgres://trading@127.0.0.1:5432/trading'),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
});
export const redisConfigSchema = z.object({
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must start with redis://')
    .default('redis://127.0.0.1:6379'),
});

/**
 * Reads a configuration from environment variables.
 * @throws Error that names every variable that is wrong, and how
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    const variable = String(issue.path[0]);
    return `${variable}=${shownValue(variable, env)}: ${issue.message}`;
  });
  throw new Error(`wrong configuration: ${wrong.join('; ')}`);
}

/** The message ends in a log: no place for a secret. */
function shownValue(variable: string, env: NodeJS.ProcessEnv): string {
  const value = env[variable] ?? '';
  return value !== '' && /TOKEN|SECRET|PASSWORD|KEY/.test(variable) ? '***' : value;
}
