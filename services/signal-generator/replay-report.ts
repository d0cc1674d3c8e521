import type { Logger } from '#kit/log.ts';
import type { Tape } from './domain/tape.ts';
import type { Pending } from './pending.ts';

const EVERY_MS = 60_000;

/** Makes what tells the log how far the replay is: once a minute, and at once when there is something to say. */
export function createReplayReport(tapes: readonly Tape[], log: Logger): (published: Pending, end?: string) => void {
  let [bars, lateMs, said] = [0, 0, performance.now()];
  return (published, end) => {
    const now = performance.now();
    bars += published.bars.length;
    lateMs = Math.max(lateMs, now - (published.bars[0]?.dueAt ?? now));
    if (!end && now - said < EVERY_MS) return;
    const sequences = Object.fromEntries(tapes.map(({ series, next }) => [series.symbol, next]));
    log.info({ bars, late_ms: Math.round(lateMs), sequences }, end ?? 'replaying');
    [bars, lateMs, said] = [0, 0, now];
  };
}
