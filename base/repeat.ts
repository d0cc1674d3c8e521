import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

export interface Repetition {
  /**
   * Starts no further round, aborts the pause, and waits for the running round, but no longer than `graceMs` (default 1 s):
   * the round may hang on a server that is down.
   */
  stop(graceMs?: number): Promise<void>;
}

export interface Loop extends Repetition {
  /** Ends the pause, so that the next round starts at once; during a round, the pause after it is skipped. */
  wake(): void;
}

/**
 * Runs rounds one after another, the first one now, until it is stopped. Each round returns how many milliseconds to pause
 * after it. A round must not throw: its error would be an unhandled rejection.
 */
export function startLoop(round: (abort: AbortSignal) => Promise<number>): Loop {
  const stopping = new AbortController();
  let pause = new AbortController();
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      pause = new AbortController();
      const pauseMs = await round(stopping.signal);
      const abort = AbortSignal.any([stopping.signal, pause.signal]);
      await sleep(pauseMs, undefined, { signal: abort }).catch(() => undefined);
    }
  }
  const running = run();
  return {
    wake: () => pause.abort(),
    async stop(graceMs = 1_000) {
      stopping.abort();
      await Promise.race([running, sleep(graceMs, undefined, { ref: false })]);
    },
  };
}

/** Runs `work` now and again `everyMs` after each end, never twice at once. Its errors are logged and the next round follows. */
export function repeat(what: string, everyMs: number, log: Log, work: () => Promise<void>): Repetition {
  return startLoop(async () => {
    await work().catch((error: unknown) => log.warn({ error, what }, 'repeated work failed, trying again'));
    return everyMs;
  });
}
