import { Cluster, type CommonRedisOptions, Redis } from 'ioredis';
import type { Log } from '#base/log.ts';
import type { RedisConfig } from './config.ts';
import { parseRedisAddress, type RedisAddress } from './redis-address.ts';
import { createWriteCheck } from './redis-check.ts';
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
 * Errors of a server that was a master when the connection was opened and is a replica now. Scripts of Redis 6 put their
 * own words before READONLY.
 */
const DEMOTED = /\bREADONLY\b|^UNBLOCKED\b|^MASTERDOWN\b/;
/** Time between two reconnections, log lines and counts while the address still leads to the replica. */
const DEMOTED_RETRY_MS = 500;

/** Returns an opener of a Redis client for openConnections. */
export function redisFrom({ REDIS_URL: url }: RedisConfig) {
  const address = parseRedisAddress(url);
  return (context: RedisContext) => {
    const client = connectRedis(url, address, context);
    return { client, check: createWriteCheck(client), close: () => client.disconnect() };
  };
}

/**
 * Connects to Redis. The client retries each command forever, because BullMQ requires this, and counts and times every
 * command.
 */
function connectRedis(url: string, address: RedisAddress, { log, instruments }: RedisContext): Redis | Cluster {
  const errors = instruments.counter('redis_connection_errors_total');
  const failed = (message: string) => (error: Error) => {
    errors.add(1);
    log.warn({ error }, message);
  };
  const leave = leaveReplica(failed('redis became a replica, connecting again'));
  const redis = createClient(url, address, {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    // Redis before 7.2 rejects the command CLIENT SETINFO, and the rejection would be counted as an error.
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.max(leave.retryMs(), Math.min(attempt * 100, 5_000)),
    reconnectOnError: leave.onError,
  });
  redis.on('error', failed('redis connection failed, trying again'));
  timeCommands(redis, instruments);
  return redis;
}

function createClient(url: string, address: RedisAddress, options: CommonRedisOptions): Redis | Cluster {
  if (address.kind === 'single') return new Redis(url, options);
  const { kind, tls: secure, username, password } = address;
  const tls = secure ? {} : undefined;
  const login = { ...options, ...(username && { username }), ...(password && { password }), ...(tls && { tls }) };
  if (kind === 'cluster') {
    // Cluster retries by strategies of its own. With TLS, nodes keep their names, which their certificates contain.
    const { retryStrategy, ...redisOptions } = login;
    const byName = secure && { dnsLookup: (name: string, found: (e: null, name: string) => void) => found(null, name) };
    return new Cluster([...address.nodes], { redisOptions, clusterRetryStrategy: retryStrategy as never, ...byName });
  }
  const { sentinels, name, db, sentinelUsername, sentinelPassword } = address;
  return new Redis({
    ...login,
    // Without ioredis's failoverDetector: if it is told of the failover while the client asks a Sentinel, the client ends
    // for good. Sentinel closes the connections to a master that it demotes, and leaveReplica notices the others.
    ...{ sentinels: [...sentinels], name, db },
    ...(sentinelUsername && { sentinelUsername }),
    ...(sentinelPassword && { sentinelPassword }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  });
}

/**
 * Decides for each error reply whether the connection has to be opened again, because the server became a replica. The
 * command itself fails: to send it again alone would take it out of its transaction, and the callers repeat their work.
 */
function leaveReplica(onDemoted: (error: Error) => void) {
  let demotedAt = Number.NEGATIVE_INFINITY;
  const isRecent = () => performance.now() - demotedAt < DEMOTED_RETRY_MS;
  return {
    onError(error: Error): boolean {
      if (!DEMOTED.test(error.message)) return false;
      if (isRecent()) return true;
      demotedAt = performance.now();
      onDemoted(error);
      return true;
    },
    retryMs: () => (isRecent() ? DEMOTED_RETRY_MS : 0),
  };
}

function timeCommands(redis: Redis | Cluster, instruments: Instruments<RedisMetric>): void {
  const durations = instruments.histogram('redis_command_duration_seconds');
  const operations = instruments.counter('redis_operations_total');
  const send = redis.sendCommand.bind(redis) as Redis['sendCommand'];
  // The client passes a command to sendCommand again after a reconnection.
  const timed = new WeakSet<object>();
  redis.sendCommand = (command: Parameters<Redis['sendCommand']>[0], ...rest: unknown[]) => {
    if (!timed.has(command)) {
      timed.add(command);
      timeCommand(command);
    }
    return (send as (...all: unknown[]) => unknown)(command, ...rest);
  };

  function timeCommand(command: Parameters<Redis['sendCommand']>[0]): void {
    const operation = command.name.toLowerCase();
    const began = performance.now();
    const settle = (status: 'success' | 'error') => () => {
      operations.add(1, { operation, status });
      if (!BLOCKING.has(operation)) durations.record((performance.now() - began) / 1_000, { command: operation });
    };
    command.promise.then(settle('success'), settle('error'));
  }
}
