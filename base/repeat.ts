import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

export interface Repetition {
  /** Lets what runs finish, but waits for it no longer than `graceMs`: it may hang on a server that is away. */
  stop(graceMs?: number): Promise<void>;
}

/** Does something now, and again after each pause, never twice at once. What it throws is logged, and it goes on. */
export function repeat(what: string, everyMs: number, log: Log, work: () => Promise<void>): Repetition {
  const stopping = new AbortController();
  const { signal } = stopping;
  async function run(): Promise<void> {
    while (!signal.aborted) {
      await work().catch((error: unknown) => log.warn({ error, what }, 'repeated work failed, trying again'));
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
  const running = run();
  return {
    async stop(graceMs = 1_000) {
      stopping.abort();
      await Promise.race([running, sleep(graceMs, undefined, { ref: false })]);
    },
  };
}
