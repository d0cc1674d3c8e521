import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelay } from './backoff-delay.ts';

/** How long to wait before the next try: see backoffDelay. */
export interface Backoff {
  /** Waits; returns at once when the signal is aborted. */
  wait(signal?: AbortSignal): Promise<void>;
  reset(): void;
}

export function createBackoff(baseMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let attempt = 0;
  return {
    async wait(signal) {
      const delay = backoffDelay(attempt++, { baseMs, maxMs }, random);
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    },
    reset() {
      attempt = 0;
    },
  };
}
