import type { Direction, Signal } from './signal.ts';

/** What a signal says about one ticker. */
export interface TickerSignal {
  type: string;
  timeframe: string;
  direction: Direction;
  /** 0 to 100. */
  confidence: number;
  price?: number;
  /** Open time of the bar that made it. */
  barTime?: Date;
  generatedAt: Date;
}

/** Reads from a signal what it says about a ticker; undefined when it does not name the ticker. */
export function parseTickerSignal(signal: Signal, ticker: string): TickerSignal | undefined {
  const entry = signal.tickers.find((candidate) => candidate.ticker === ticker);
  if (!entry) return undefined;
  const { timeframe, price, bar_time } = signal.metadata;
  const barTime = bar_time === undefined ? undefined : new Date(bar_time);
  return {
    type: signal.signal_type,
    timeframe,
    direction: entry.signal,
    confidence: entry.confidence,
    generatedAt: new Date(signal.timestamp * 1_000),
    ...(price !== undefined && { price }),
    ...(barTime && !Number.isNaN(barTime.getTime()) && { barTime }),
  };
}
