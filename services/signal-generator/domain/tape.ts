import { createGenerators } from '#trading/generators/create-generators.ts';
import type { Generator } from '#trading/generators/generator.ts';
import type { ClosedBar } from '#trading/market/bar.ts';
import type { Series } from '#trading/market/series.ts';
import { replayBar } from './replay-bar.ts';

/**
 * So many bars bring fresh generators to the state of those that saw everything: of the longest memory, the 26-bar
 * average, (25/27)^5000 is left, which is less than a double can hold.
 */
const WARM_BARS = 5_000;

/** The replay of one symbol: where it stands, and the generators that have seen what came before. */
export interface Tape {
  readonly series: Series;
  readonly generators: readonly Generator[];
  /** Sequence of the next bar. */
  readonly next: number;
  /** Whether no bar comes any more. */
  readonly ended: boolean;
  /** @throws RangeError when no bar comes any more */
  take(): ClosedBar;
}

/**
 * @param start sequence of its first bar; the generators are taken silently through those before
 * @param loop whether it goes on after the end of the data
 */
export function createTape(series: Series, { start, loop }: { start: number; loop: boolean }): Tape {
  const end = loop ? Number.POSITIVE_INFINITY : series.bars.length;
  const generators = createGenerators();
  for (let sequence = Math.max(0, start - WARM_BARS); sequence < Math.min(start, end); sequence += 1) {
    const bar = replayBar(series, sequence);
    for (const generator of generators) generator.update(bar);
  }
  let next = start;
  return {
    series,
    generators,
    get next() {
      return next;
    },
    get ended() {
      return next >= end;
    },
    take() {
      if (next >= end) throw new RangeError(`the replay of ${series.symbol} is at its end`);
      next += 1;
      return replayBar(series, next - 1);
    },
  };
}
