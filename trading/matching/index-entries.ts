/** How much room a pipeline takes in the dispatcher's index, and how much there is. The API and the dispatcher share this. */

/**
 * Up to this product of tickers and signals, the index has an entry for each pair, which is the fastest to match. Above
 * it, the tickers and the signals are entered apart: the product of their limits is 50,000.
 */
const MAX_PAIRS = 32;

/**
 * Entries by kind. An entry is a unit of memory of at most 260 bytes, measured with lists of which no two have a ticker in
 * common. A pair with a ticker of its own takes four.
 */
const ENTRIES = { pipeline: 1, pair: 4, apart: 2 } as const;

/**
 * Most entries of all pipelines together, unless PIPELINES_MAX_ENTRIES sets another number. It is enough for 100,000
 * pipelines of one ticker and one signal, and takes at most 130 MB.
 */
export const DEFAULT_MAX_ENTRIES = 500_000;

/** The part of a pipeline that takes room in the index. */
interface Extent {
  readonly tickers: readonly unknown[];
  readonly signals: readonly unknown[];
}

/** Returns whether the index has an entry for each pair of a ticker and a signal of the pipeline. */
export function isEnteredByPair({ tickers, signals }: Extent): boolean {
  return tickers.length * signals.length <= MAX_PAIRS;
}

/** Returns the number of entries that a pipeline takes in the index at most. Equal lists of tickers share theirs. */
export function countEntries(pipeline: Extent): number {
  const [tickers, signals] = [pipeline.tickers.length, pipeline.signals.length];
  const { pair, apart } = ENTRIES;
  return ENTRIES.pipeline + (isEnteredByPair(pipeline) ? pair * tickers * signals : apart * (tickers + signals));
}
