import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { queuePrefix } from '#catalogue/topics.ts';
import type { ReadinessCheck } from './ops-server.ts';

/** Longest time that a check waits. The probe of the chart waits for four seconds. */
const CHECK_MS = 1_000;
/** A write without an answer for this long is on a connection whose other end is gone. */
const DEAD_MS = 10_000;
/** The key is gone after this, so that a process that ended leaves nothing behind. */
const KEY_MS = 60_000;

const SILENT = Symbol('silent');

/** What to do about an error of a write, by the first word of the error. */
const remedies: Readonly<Record<string, string>> = {
  MOVED: 'this server is a node of a Cluster: write REDIS_URL as redis+cluster://HOST:PORT',
  READONLY: 'this server is a replica: REDIS_URL must lead to the master; redis+sentinel:// follows it',
  OOM: 'Redis is full: raise its maxmemory',
  NOPERM: 'the user needs the keys of the job queue: +@all ~bull:* ~{bull}:*',
};

/**
 * Returns a readiness check that writes a small key. A connection says little: a replica, a full Redis and one that
 * cannot save its data keep their connections and answer reads. There is at most one write under way.
 */
export function createWriteCheck(client: Redis | Cluster): ReadinessCheck {
  const key = `${queuePrefix(client)}:readiness`;
  let pending: { readonly answer: Promise<string | undefined>; readonly since: number } | undefined;

  const write = () => {
    const answer = client
      .set(key, '1', 'PX', KEY_MS)
      .then(() => undefined, describeRefusal)
      .finally(() => {
        pending = undefined;
      });
    pending = { answer, since: performance.now() };
    return pending;
  };

  return async () => {
    if (client.status !== 'ready') return `connection is ${client.status}`;
    const { answer, since } = pending ?? write();
    const result = await Promise.race([answer, sleep(CHECK_MS, SILENT, { ref: false })]);
    if (result !== SILENT) return result;
    if (performance.now() - since > DEAD_MS) client.disconnect(true);
    return `no answer to a write within ${CHECK_MS} ms`;
  };
}

function describeRefusal(error: Error): string {
  const remedy = remedies[error.message.split(' ', 1)[0] ?? ''];
  return `refuses a write: ${error.message}${remedy ? ` (${remedy})` : ''}`;
}
