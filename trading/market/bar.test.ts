import { describe, expect, it } from 'vitest';
import { parseBar } from './bar.ts';

const bar = {
  ...{ symbol: 'GOOG', timeframe: '1d', source: 'replay', open_time: '2020-01-01T00:00:00Z', sequence: 0 },
  ...{ open: 1, high: 2, low: 1, close: 2, volume: 0, emitted_at: 1 },
};
const parse = (value: unknown) => parseBar(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

describe('parseBar', () => {
  it('reads a bar', () => {
    expect(parse(bar)).toEqual(bar);
  });

  it.each([
    ['{', 'not_json', 'JSON'],
    [{ ...bar, close: -1 }, 'not_a_bar', 'close: '],
    [{ ...bar, open_time: 'yesterday' }, 'not_a_bar', 'open_time: '],
    [{ ...bar, open_time: '2021-02-30T00:00:00Z' }, 'not_a_bar', 'open_time: expected a date that exists'],
    [{ ...bar, open_time: '2021-02-28T00:00:00' }, 'not_a_bar', 'open_time: '],
    [{ ...bar, open_time: '+010000-01-01T00:00:00Z' }, 'not_a_bar', 'open_time: '],
    [{ ...bar, open_time: '1' }, 'not_a_bar', 'open_time: '],
    [{ ...bar, source: 'a\0b' }, 'not_a_bar', '"source": expected text that Postgres can store'],
    [{ ...bar, source: 'a\ud800' }, 'not_a_bar', '"source": expected text'],
    [{ ...bar, emitted_at: -1e308 }, 'not_a_bar', 'emitted_at: '],
    [{}, 'not_a_bar', 'symbol: '],
    [`${JSON.stringify(bar)}${' '.repeat(2_000_000)}`, 'not_a_bar', 'expected at most 1048576 bytes, got 2'],
  ])('refuses %j with the reason', (value, reason, detail) => {
    expect(parse(value)).toEqual({ reason, detail: expect.stringContaining(detail) });
  });

  it.each(['2020-02-29T23:59:59.999Z', '2020-02-29T00:00:00+05:30'])('accepts the time %s', (open_time) => {
    expect(parse({ ...bar, open_time })).toEqual({ ...bar, open_time });
  });
});
