import { Redis } from 'ioredis';
import type { Log } from '#base/log.ts';
import type { RedisConfig } from './config.ts';
import type { Instruments } from './telemetry/metrics/instruments.ts';

type RedisMetric = 'redis_command_duration_seconds' | 'redis_operations_total' | 'redis_connection_errors_total';

interface RedisContext {
  log: Log;
  instruments: Instruments<RedisMetric>;
}

/**
 * Commands that block until there is work. They are not timed, because their duration says nothing about the speed of
 * Redis.
 */
const BLOCKING = new Set(['bzpopmin', 'blmove', 'brpoplpush', 'xread', 'xreadgroup', 'subscribe']);

/**
 * Connects to Redis. The client retries each command forever, because BullMQ requires this, and counts and times every
 * command.
 */
function connectRedis(url: string, { log, instruments }: RedisContext): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    // Redis before 7.2 rejects the command CLIENT SETINFO, and the rejection would be counted as an error.
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, 5_000),
  });
  const errors = instruments.counter('redis_connection_errors_total');
  redis.on('error', (error: Error) => {
    errors.add(1);
    log.warn({ error }, 'redis connection failed, trying again');
  });
  timeCommands(redis, instruments);
  return redis;
}

/** Returns an opener of a Redis client for openConnections. */
export function redisFrom({ REDIS_URL: url }: RedisConfig) {
  return (context: RedisContext) => {
    const client = connectRedis(url, context);
    return {
      client,
      check: () => (client.status === 'ready' ? undefined : `connection is ${client.status}`),
      close: () => client.disconnect(),
    };
  };
}

function timeCommands(redis: Redis, instruments: Instruments<RedisMetric>): void {
  const durations = instruments.histogram('redis_command_duration_seconds');
  const operations = instruments.counter('redis_operations_total');
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const operation = command.name.toLowerCase();
    const began = performance.now();
    const settle = (status: 'success' | 'error') => () => {
      operations.add(1, { operation, status });
      if (!BLOCKING.has(operation)) durations.record((performance.now() - began) / 1_000, { command: operation });
    };
    command.promise.then(settle('success'), settle('error'));
    return send(command, stream);
  };
}
