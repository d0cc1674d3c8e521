import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it does not throw any more; then gives what it gave. Throws its last error after `timeoutMs`. */
export async function eventually<Result>(attempt: () => Promise<Result> | Result, timeoutMs = 15_000): Promise<Result> {
  const end = performance.now() + timeoutMs;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    }
  }
}
