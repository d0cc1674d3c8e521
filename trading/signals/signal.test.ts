import { describe, expect, it } from 'vitest';
import type { ClosedBar } from '../market/bar.ts';
import { compileSignal, parseTickerSignal, type Signal, type SignalDraft, signalSchema } from './signal.ts';

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
  it('fits the schema of signals and carries bar, price and rounded indicators', () => {
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

  it('derives the id only from generator, symbol, timeframe, bar time and type', () => {
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

const signal: Signal = {
  signal_id: 's1',
  signal_type: 'rsi',
  source: 'replay',
  timestamp: 1_700_000_000.5,
  tickers: [
    { ticker: 'GOOG', signal: 'BULLISH', confidence: 70, reasoning: '' },
    { ticker: 'EURUSD', signal: 'BEARISH', confidence: 40, reasoning: '' },
  ],
  metadata: { timeframe: '1d', price: 101.5, bar_time: '2024-01-02T00:00:00Z' },
};

describe('parseTickerSignal', () => {
  it('returns the direction, confidence and times for the ticker', () => {
    expect(parseTickerSignal(signal, 'EURUSD')).toEqual({
      type: 'rsi',
      timeframe: '1d',
      direction: 'BEARISH',
      confidence: 40,
      price: 101.5,
      barTime: new Date(Date.UTC(2024, 0, 2)),
      generatedAt: new Date(1_700_000_000_500),
    });
  });

  it('leaves out an absent price and an invalid bar time', () => {
    const bare = { ...signal, metadata: { timeframe: '1d', bar_time: 'soon' } };
    const parsed = parseTickerSignal(bare, 'GOOG');
    expect(parsed && Object.keys(parsed)).not.toContain('price');
    expect(parsed && Object.keys(parsed)).not.toContain('barTime');
  });

  it('returns undefined for a ticker the signal does not name', () =>
    expect(parseTickerSignal(signal, 'BTCUSD')).toBeUndefined());
});
