import { describe, expect, it } from 'vitest';
import type { ClosedBar } from '../market/bar.ts';
import { signalSchema } from './signal.ts';
import { compileSignal, type SignalDraft } from './signal-draft.ts';

const bar: ClosedBar = {
  symbol: 'GOOG',
  timeframe: '1d',
  source: 'replay',
  open_time: '2006-10-16T00:00:00.000Z',
  sequence: 544,
  open: 1,
  high: 2,
  low: 1,
  close: 1.5,
  volume: 3,
};
const draft: SignalDraft = {
  type: 'golden_cross',
  direction: 'BULLISH',
  confidence: 61.4,
  reasoning: 'It rose.',
  indicators: { sma_50: 1 / 3 },
};

describe('compileSignal', () => {
  it('is a signal of the catalogue, with what it was read from', () => {
    const signal = compileSignal(draft, 'moving-average-cross', bar, 1_500);
    expect(signalSchema.parse(signal)).toEqual(signal);
    expect(signal).toMatchObject({
      signal_type: 'golden_cross',
      source: 'replay',
      timestamp: 1.5,
      tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 61.4, reasoning: 'It rose.' }],
      metadata: { timeframe: '1d', price: 1.5, bar_time: bar.open_time, indicators: { sma_50: 0.33333333 } },
    });
  });

  it('has an id of generator, symbol, timeframe, bar time and type, and of nothing else', () => {
    const id = (changed: Partial<ClosedBar & SignalDraft>, generator = 'rsi', now = 0) =>
      compileSignal({ ...draft, ...changed } as SignalDraft, generator, { ...bar, ...changed } as ClosedBar, now)
        .signal_id;
    expect(id({})).toMatch(/^[0-9a-f]{32}$/);
    expect(id({ confidence: 99, close: 7, sequence: 1 }, 'rsi', 99)).toBe(id({}));
    const others = [
      id({}, 'macd'),
      id({ symbol: 'X' }),
      id({ timeframe: '1h' }),
      id({ open_time: 'x' }),
      id({ type: 'rsi' }),
    ];
    expect(new Set([id({}), ...others]).size).toBe(6);
  });
});
