import { describe, expect, it } from 'vitest';
import type { Signal } from './signal.ts';
import { parseTickerSignal } from './ticker-signal.ts';

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
  it('gives what the signal says about the ticker', () => {
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

  it('leaves out what is absent or no time', () => {
    const bare = { ...signal, metadata: { timeframe: '1d', bar_time: 'soon' } };
    const parsed = parseTickerSignal(bare, 'GOOG');
    expect(parsed && Object.keys(parsed)).not.toContain('price');
    expect(parsed && Object.keys(parsed)).not.toContain('barTime');
  });

  it('is undefined for another ticker', () => expect(parseTickerSignal(signal, 'BTCUSD')).toBeUndefined());
});
