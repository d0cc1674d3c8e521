import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait before the next try: doubling from `baseMs` to `maxMs`, each with full jitter above the half. */
export interface Backoff {
  /** Waits; returns at once when the signal is aborted. */
  wait(signal?: AbortSignal): Promise<void>;
  reset(): void;
}

export function createBackoff(baseMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let delay = baseMs;
  return {
    async wait(signal) {
      const jittered = delay / 2 + (delay / 2) * random();
      delay = Math.min(delay * 2, maxMs);
      await sleep(jittered, undefined, { signal }).catch(() => undefined);
    },
    reset() {
      delay = baseMs;
    },
  };
}
