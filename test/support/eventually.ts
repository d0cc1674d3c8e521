import { setTimeout as sleep } from 'node:timers/promises';

/** Calls `attempt` until it does not throw, and returns its result. After `timeoutMs`, throws the last error of `attempt`. */
export async function eventually<Result>(attempt: () => Promise<Result> | Result, timeoutMs = 15_000): Promise<Result> {
  return tryAgain(timeoutMs, attempt, () => true);
}

/**
 * Calls `check` until its result passes `holds` (by default, until it is truthy), and returns the result. An error that `check` throws
 * is thrown at once.
 * @throws Error after `withinMs`; its message contains `what` and the last result
 */
export function until<Result>(
  withinMs: number,
  what: string,
  check: () => Promise<Result> | Result,
  holds: (result: Result) => boolean = Boolean,
): Promise<Exclude<Result, undefined | false>> {
  const attempt = async () => {
    const result = await check();
    if (holds(result)) return result as Exclude<Result, undefined | false>;
    throw new NotYet(`${what}: not within ${withinMs} ms; last: ${JSON.stringify(result)?.slice(0, 2_000)}`);
  };
  return tryAgain(withinMs, attempt, (error) => error instanceof NotYet);
}

class NotYet extends Error {}

const EVERY_MS = 20;

async function tryAgain<Result>(
  withinMs: number,
  attempt: () => Promise<Result> | Result,
  isPassing: (error: unknown) => boolean,
): Promise<Result> {
  const end = performance.now() + withinMs;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || performance.now() > end) throw error;
      await sleep(EVERY_MS);
    }
  }
}
