import { setTimeout as sleep } from 'node:timers/promises';

/** A bell that several may ring while one waits: rings between two waits count as one. */
export interface Trigger {
  ring(): void;
  /** Until it rings, or the time is over, or the signal is aborted. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createTrigger(): Trigger {
  let rung = true;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(timeoutMs, signal) {
      if (!rung) {
        const end = new AbortController();
        wake = () => end.abort();
        await sleep(timeoutMs, undefined, { signal: AbortSignal.any([signal, end.signal]) }).catch(() => undefined);
      }
      rung = false;
    },
  };
}
