import type { Cluster, Redis } from 'ioredis';
import { queuePrefix } from '#catalogue/topics.ts';
import { createBoundedCheck } from './bounded-check.ts';
import type { ReadinessCheck } from './ops-server.ts';

/** A write without an answer for this long is on a connection whose other end is gone. */
const DEAD_MS = 10_000;
/** The key is gone after this, so that a process that ended leaves nothing behind. */
const KEY_MS = 60_000;

/** What to do about an error of a write, by the first word of the error. */
const remedies: Readonly<Record<string, string>> = {
  MOVED: 'this server is a node of a Cluster: write REDIS_URL as redis+cluster://HOST:PORT',
  READONLY: 'this server is a replica: REDIS_URL must lead to the master; redis+sentinel:// follows it',
  OOM: 'Redis is full: raise its maxmemory',
  NOPERM: 'the user needs the keys of the job queue: +@all ~bull:* ~{bull}:*',
};

/**
 * Returns a readiness check that writes a small key. A connection says little: a replica, a full Redis and one that
 * cannot save its data keep their connections and answer reads.
 */
export function createWriteCheck(client: Redis | Cluster): ReadinessCheck {
  const key = `${queuePrefix(client)}:readiness`;
  const write = () => client.set(key, '1', 'PX', KEY_MS).then(() => undefined, describeRefusal);
  const check = createBoundedCheck(write, (silentMs) => {
    if (silentMs > DEAD_MS) client.disconnect(true);
  });
  return () => (client.status === 'ready' ? check() : `connection is ${client.status}`);
}

function describeRefusal(error: Error): string {
  const remedy = remedies[error.message.split(' ', 1)[0] ?? ''];
  return `refuses a write: ${error.message}${remedy ? ` (${remedy})` : ''}`;
}
