import type { ClosedBar } from '#trading/market/bar.ts';
import type { Series, SourceBar } from '#trading/market/series.ts';

/** Where the market data comes from, as `source` of bars and signals. */
export const REPLAY = 'replay';

/** Distance of the bars' times once the data has been replayed to its end. */
const LATER_STEP_MS = 1_000;

/**
 * The bar at a position of a replay that never ends. The first lap is the data as it is. At its end the replay turns:
 * every second lap runs mirrored (the last bar first, open and close swapped), so that a lap opens at the price the
 * one before it closed at, and no price jumps.
 *
 * Times only go forwards, so that no two bars share one. After the first lap they go in steps of a second, whatever
 * the timeframe: in months, ten bars a second would reach the year 9999 in three hours, and databases end there.
 */
export function replayBar(series: Series, sequence: number): ClosedBar {
  const { symbol, timeframe, bars } = series;
  const lap = Math.floor(sequence / bars.length);
  const position = sequence % bars.length;
  const mirrored = lap % 2 === 1;
  const { open, high, low, close, volume } = sourceBar(series, mirrored ? bars.length - 1 - position : position);
  return {
    symbol,
    timeframe,
    source: REPLAY,
    open_time: new Date(barTime(series, sequence)).toISOString(),
    sequence,
    open: mirrored ? close : open,
    high,
    low,
    close: mirrored ? open : close,
    volume,
  };
}

function barTime(series: Series, sequence: number): number {
  const last = series.bars.length - 1;
  if (sequence <= last) return sourceBar(series, sequence).time;
  return sourceBar(series, last).time + (sequence - last) * LATER_STEP_MS;
}

function sourceBar({ bars, symbol }: Series, index: number): SourceBar {
  const bar = bars[index];
  if (!bar) throw new RangeError(`${symbol} has no bar ${index}`);
  return bar;
}
