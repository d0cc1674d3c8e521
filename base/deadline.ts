import { setTimeout as sleep } from 'node:timers/promises';

export interface Deadline {
  /** Aborted when the time is up, or when the caller's own signal is. */
  readonly abort: AbortSignal;
  /** Whether the time is up. */
  passed(): boolean;
}

/** A time limit on work that takes an AbortSignal. */
export function startDeadline(ms: number, abort?: AbortSignal): Deadline {
  const timeout = AbortSignal.timeout(ms);
  return { abort: abort ? AbortSignal.any([abort, timeout]) : timeout, passed: () => timeout.aborted };
}

/**
 * Polls `check` until it returns a value that is neither undefined nor false, and returns that value.
 * @param what the message of the error says `what` did not happen in time
 * @throws Error after `withinMs`, or the error of `check`
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
