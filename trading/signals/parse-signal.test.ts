import { describe, expect, it } from 'vitest';
import { isRejection, parseSignal } from './parse-signal.ts';
import type { Signal } from './signal.ts';

const signal: Signal = {
  signal_id: 'abc',
  signal_type: 'rsi',
  source: 'replay',
  timestamp: 1_700_000_000.5,
  tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 55.5, reasoning: 'It fell, \\u0000 as text.' }],
  metadata: { timeframe: '1d', price: 1.5, indicators: { rsi_14: 28 } },
};
const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (value: unknown) => parseSignal(bytes(JSON.stringify(value)));

describe('parseSignal', () => {
  it('accepts a signal unchanged, with metadata fields it does not know', () => {
    expect(parse(signal)).toEqual(signal);
  });

  it('accepts a signal type and a timeframe of a newer generator', () => {
    expect(isRejection(parse({ ...signal, signal_type: 'ichimoku', metadata: { timeframe: '3h' } }))).toBe(false);
  });

  it.each([
    ['an empty message', bytes('')],
    ['plain text', bytes('hello')],
    ['a truncated message', bytes(JSON.stringify(signal).slice(0, 40))],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
  ])('refuses %s: not_json', (_, value) => {
    expect(parseSignal(value)).toMatchObject({ reason: 'not_json' });
  });

  it.each([
    ['null', null, ''],
    ['a list', [signal], ''],
    ['no id', { ...signal, signal_id: undefined }, 'signal_id: '],
    ['an id that is a number', { ...signal, signal_id: 7 }, 'signal_id: '],
    ['no tickers', { ...signal, tickers: [] }, 'tickers: '],
    [
      'a confidence of 101',
      { ...signal, tickers: [{ ...signal.tickers[0], confidence: 101 }] },
      'tickers.0.confidence: ',
    ],
    ['a malformed ticker', { ...signal, tickers: [{ ...signal.tickers[0], ticker: 'a b' }] }, 'tickers.0.ticker: '],
    ['an unknown direction', { ...signal, tickers: [{ ...signal.tickers[0], signal: 'UP' }] }, 'tickers.0.signal: '],
    ['no timeframe', { ...signal, metadata: {} }, 'metadata.timeframe: '],
    ['a timestamp after the year 9999', { ...signal, timestamp: 1e300 }, 'timestamp: '],
    ['a NUL', { ...signal, source: 'a\0' }, 'NUL'],
    ['a NUL deep inside', { ...signal, metadata: { ...signal.metadata, more: [{ 'k\0': 1 }] } }, 'NUL'],
    ['half a surrogate pair', { ...signal, metadata: { ...signal.metadata, note: '\ud800' } }, 'surrogate'],
  ])('refuses %s: not_a_signal, and names the fault', (_, value, detail) => {
    const rejection = parse(value);
    expect(rejection).toMatchObject({ reason: 'not_a_signal' });
    expect(isRejection(rejection) && rejection.detail).toContain(detail);
  });

  it('refuses a message that is nested too deeply, without throwing', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(signal).replace('"price":1.5', `"deep":${deep}`);
    expect(parseSignal(bytes(text))).toMatchObject({ reason: expect.stringMatching(/^not_/) });
  });

  it('limits the detail to 500 characters', () => {
    const rejection = parse({ ...signal, tickers: Array(100).fill({}) });
    expect(isRejection(rejection) && rejection.detail.length).toBeLessThanOrEqual(500);
  });
});
