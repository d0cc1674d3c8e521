import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

export interface Repetition {
  /**
   * Starts no further iteration, ends the pause, and waits for the running iteration, but at most `graceMs` (default 1
   * s), because the iteration may hang on a server that is down.
   */
  stop(graceMs?: number): Promise<void>;
}

export interface Loop extends Repetition {
  /** Ends the pause, so that the next iteration starts at once. During an iteration, skips the pause after it. */
  wake(): void;
}

/**
 * Calls `round` again and again, the first time now, until the loop is stopped. `round` returns how many milliseconds
 * to pause before the next call. `round` must not throw, because the error would be an unhandled rejection.
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

/**
 * Runs `work` at once, and then again `everyMs` milliseconds after each run has ended, so two runs never overlap. If
 * `work` fails, the error is logged and the repetition continues.
 * @param what name of the work in the log
 */
export function repeat(what: string, everyMs: number, log: Log, work: () => Promise<void>): Repetition {
  return startLoop(async () => {
    await work().catch((error: unknown) => log.warn({ error, what }, 'repeated work failed, trying again'));
    return everyMs;
  });
}
