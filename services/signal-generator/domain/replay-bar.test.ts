import { describe, expect, it } from 'vitest';
import type { Series } from '#trading/market/series.ts';
import { replayBar } from './replay-bar.ts';

const day = 86_400_000;
const closes = [100, 110, 90, 130];
const series: Series = {
  symbol: 'GOOG',
  timeframe: '1d',
  bars: closes.map((close, index) => {
    const open = closes[index - 1] ?? 95;
    return { time: Date.UTC(2020, 0, 1) + index * day, open, high: 140, low: 80, close, volume: index };
  }),
};
const bars = Array.from({ length: 40 }, (_, sequence) => replayBar(series, sequence));

describe('replayBar', () => {
  it('gives the data as it is in the first lap', () => {
    expect(bars[2]).toEqual({
      symbol: 'GOOG',
      timeframe: '1d',
      source: 'replay',
      open_time: '2020-01-03T00:00:00.000Z',
      sequence: 2,
      open: 110,
      high: 140,
      low: 80,
      close: 90,
      volume: 2,
    });
  });

  it('turns at the end: the last bar first, open and close swapped', () => {
    expect(bars[4]).toMatchObject({ sequence: 4, open: 130, close: 90, volume: 3 });
    expect(bars[7]).toMatchObject({ sequence: 7, open: 100, close: 95, volume: 0 });
    expect(bars[8]).toMatchObject({ sequence: 8, open: 95, close: 100, volume: 0 });
  });

  it('never jumps: each bar opens where the one before closed', () => {
    for (const [index, bar] of bars.entries()) expect(bar.open).toBe(bars[index - 1]?.close ?? 95);
  });

  it('never gives a time twice, and goes forwards only', () => {
    const times = bars.map((bar) => Date.parse(bar.open_time));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('still has a date that databases know after a hundred million bars', () => {
    expect(replayBar({ ...series, timeframe: '1M' }, 100_000_000).open_time).toMatch(/^20\d\d-/);
  });
});
