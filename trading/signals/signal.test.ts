import { describe, expect, it } from 'vitest';
import { isRejection } from '#base/parse-message.ts';
import type { ClosedBar } from '../market/bar.ts';
import {
  compileSignal,
  parseSignal,
  parseTickerSignal,
  type Signal,
  type SignalDraft,
  signalSchema,
} from './signal.ts';

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

  it.each(['soon', '2023-02-30T00:00:00Z'])('leaves out an absent price and the invalid bar time %s', (bar_time) => {
    const bare = { ...signal, metadata: { timeframe: '1d', bar_time } };
    const parsed = parseTickerSignal(bare, 'GOOG');
    expect(parsed && Object.keys(parsed)).not.toContain('price');
    expect(parsed && Object.keys(parsed)).not.toContain('barTime');
  });

  it('returns undefined for a ticker the signal does not name', () =>
    expect(parseTickerSignal(signal, 'BTCUSD')).toBeUndefined());
});

describe('parseSignal', () => {
  const message: Signal = {
    signal_id: 'abc',
    signal_type: 'rsi',
    source: 'replay',
    timestamp: 1_700_000_000.5,
    tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 55.5, reasoning: 'It fell, \\u0000 as text.' }],
    metadata: { timeframe: '1d', price: 1.5, indicators: { rsi_14: 28 } },
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const parse = (value: unknown) => parseSignal(bytes(JSON.stringify(value)));

  it('accepts a signal unchanged, with metadata fields it does not know', () => {
    expect(parse(message)).toEqual(message);
  });

  it('accepts a signal type and a timeframe of a newer generator', () => {
    expect(isRejection(parse({ ...message, signal_type: 'ichimoku', metadata: { timeframe: '3h' } }))).toBe(false);
  });

  it.each([
    ['an empty message', bytes('')],
    ['plain text', bytes('hello')],
    ['a truncated message', bytes(JSON.stringify(message).slice(0, 40))],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
  ])('refuses %s: not_json', (_, value) => {
    expect(parseSignal(value)).toMatchObject({ reason: 'not_json' });
  });

  it.each([
    ['null', null, ''],
    ['a list', [message], ''],
    ['no id', { ...message, signal_id: undefined }, 'signal_id: '],
    ['an id that is a number', { ...message, signal_id: 7 }, 'signal_id: '],
    ['no tickers', { ...message, tickers: [] }, 'tickers: '],
    [
      'a confidence of 101',
      { ...message, tickers: [{ ...message.tickers[0], confidence: 101 }] },
      'tickers.0.confidence: ',
    ],
    ['a malformed ticker', { ...message, tickers: [{ ...message.tickers[0], ticker: 'a b' }] }, 'tickers.0.ticker: '],
    ['an unknown direction', { ...message, tickers: [{ ...message.tickers[0], signal: 'UP' }] }, 'tickers.0.signal: '],
    ['no timeframe', { ...message, metadata: {} }, 'metadata.timeframe: '],
    ['a timestamp after the year 9999', { ...message, timestamp: 1e300 }, 'timestamp: '],
    ['a NUL', { ...message, source: 'a\0' }, 'NUL'],
    ['a NUL deep inside', { ...message, metadata: { ...message.metadata, more: [{ 'k\0': 1 }] } }, 'NUL'],
    ['half a surrogate pair', { ...message, metadata: { ...message.metadata, note: '\ud800' } }, 'surrogate'],
  ])('refuses %s: not_a_signal, and names the fault', (_, value, detail) => {
    const rejection = parse(value);
    expect(rejection).toMatchObject({ reason: 'not_a_signal' });
    expect(isRejection(rejection) && rejection.detail).toContain(detail);
  });

  it('refuses a message that is nested too deeply, without throwing', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(message).replace('"price":1.5', `"deep":${deep}`);
    expect(parseSignal(bytes(text))).toMatchObject({ reason: expect.stringMatching(/^not_/) });
  });

  it('limits the detail to 500 characters', () => {
    const rejection = parse({ ...message, tickers: Array(100).fill({}) });
    expect(isRejection(rejection) && rejection.detail.length).toBeLessThanOrEqual(500);
  });
});
