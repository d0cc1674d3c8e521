import { describe, expect, it } from 'vitest';
import { judgeBias } from './bias.ts';

const closes = (count: number, close: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => close(index));

describe('judgeBias', () => {
  it('calls a rising market bullish and a falling one bearish, with full strength', () => {
    expect(judgeBias(closes(250, (index) => 100 + index))).toMatchObject({ direction: 'BULLISH', strength: 100 });
    expect(judgeBias(closes(250, (index) => 500 - index))).toMatchObject({ direction: 'BEARISH', strength: 100 });
  });

  it('returns the averages that are computed by hand', () => {
    // Closes 1..250: the last 50 are 201..250, the last 200 are 51..250.
    const { indicators } = judgeBias(closes(250, (index) => index + 1));
    expect(indicators.fast_average).toBeCloseTo(225.5, 9);
    expect(indicators.slow_average).toBeCloseTo(150.5, 9);
    expect(indicators.slope).toBeCloseTo(5 / 220.5, 9);
  });

  it('is neutral if prices stand still', () => {
    expect(judgeBias(closes(250, () => 100))).toMatchObject({
      direction: 'NEUTRAL',
      strength: 0,
      indicators: { rsi: 50 },
    });
  });

  it('uses the short averages if there are few bars, and is neutral and says why if there are too few', () => {
    expect(judgeBias(closes(40, (index) => 100 + index)).reasoning).toContain('SMA10');
    expect(judgeBias(closes(34, (index) => 100 + index))).toMatchObject({ direction: 'NEUTRAL', strength: 0 });
    expect(judgeBias([]).reasoning).toContain('0 bars');
  });
});
