import { setTimeout as sleep } from 'node:timers/promises';

/** Wakes a waiting loop. Several callers may ring. All rings between two waits count as one ring, and no ring is lost. */
interface Trigger {
  ring(): void;
  /** Waits for a ring, for the timeout, or for the abort, whichever comes first. */
  wait(timeoutMs: number, abort: AbortSignal): Promise<void>;
}

export function createTrigger(): Trigger {
  let rung = true;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(timeoutMs, abort) {
      if (!rung) {
        const end = new AbortController();
        wake = () => end.abort();
        await sleep(timeoutMs, undefined, { signal: AbortSignal.any([abort, end.signal]) }).catch(() => undefined);
      }
      rung = false;
    },
  };
}
