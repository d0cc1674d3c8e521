import type { Timeframe } from '../signals/signal.ts';

/** A bar as a data file holds it: its open time in milliseconds since the epoch, UTC, and its prices. */
export interface SourceBar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The bars of one symbol, oldest first; at least one. */
export interface Series {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: readonly SourceBar[];
}
