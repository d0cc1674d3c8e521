import { setTimeout as sleep } from 'node:timers/promises';

export interface Deadline {
  /** Aborted when the time is up, or when the caller's own signal is aborted. */
  readonly abort: AbortSignal;
  /** Returns whether the time is up. */
  passed(): boolean;
}

/** Starts a time limit of `ms` milliseconds. Pass `abort` of the result to the work that the limit applies to. */
export function startDeadline(ms: number, abort?: AbortSignal): Deadline {
  const timeout = AbortSignal.timeout(ms);
  return { abort: abort ? AbortSignal.any([abort, timeout]) : timeout, passed: () => timeout.aborted };
}

/**
 * Polls `check` until it returns a value that is neither undefined nor false, and returns that value.
 * @param what the expected event, for the error message: `not within 10 ms: <what>`
 * @throws Error after `withinMs`; errors of `check` are passed on
 */
export async function waitUntil<Value>(
  what: string,
  { withinMs, everyMs }: { withinMs: number; everyMs: number },
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  while (true) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
