import { Redis } from 'ioredis';
import type { Logger } from './log.ts';
import type { Instruments } from './telemetry/metrics/instruments.ts';

export type RedisMetric = 'redis_command_duration_seconds' | 'redis_operations_total' | 'redis_connection_errors_total';

export interface RedisOptions {
  url: string;
  log: Logger;
  instruments: Instruments<RedisMetric>;
}

/** Commands that wait for work: their time says nothing about Redis. */
const BLOCKING = new Set(['bzpopmin', 'blmove', 'brpoplpush', 'xread', 'xreadgroup', 'subscribe']);

/** Connects to Redis, for BullMQ (which wants commands retried for ever). Every command is counted and timed. */
export function openRedis({ url, log, instruments }: RedisOptions): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    // CLIENT SETINFO is an error before Redis 7.2, and would be counted as one.
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
