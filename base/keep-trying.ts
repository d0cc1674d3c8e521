import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';
import { backoffDelay } from './retry-delay.ts';

/** Counts failed attempts and waits longer after each of them. `backoffDelay` computes the waits. */
interface Backoff {
  /** Counts one more failure and returns the milliseconds to wait before the next attempt. */
  nextDelay(): number;
  /** Calls `nextDelay()` and waits that long. Returns at once when `abort` is aborted. */
  wait(abort?: AbortSignal): Promise<void>;
  /** Makes the next delay the shortest again. To be called after a success. */
  reset(): void;
}

export function createBackoff(baseMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let attempt = 0;
  const nextDelay = () => backoffDelay(attempt++, { baseMs, maxMs }, random);
  return {
    nextDelay,
    async wait(abort) {
      await sleep(nextDelay(), undefined, { signal: abort }).catch(() => undefined);
    },
    reset() {
      attempt = 0;
    },
  };
}

/**
 * Repeats `work` with backoff until `work` succeeds, and returns its result. So a process that starts while a server is
 * down waits for the server.
 * @param what name of the work in the log, such as "migrate the database"
 * @throws the error of `work`, or the reason of the abort, once `signal` is aborted
 */
export async function keepTrying<Result>(
  what: string,
  work: () => Promise<Result>,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<Result> {
  const backoff = createBackoff(200, 5_000);
  while (true) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ error, what }, 'a step of the start failed, trying again');
      await backoff.wait(signal);
      signal.throwIfAborted();
    }
  }
}
