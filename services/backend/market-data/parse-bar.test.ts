import { describe, expect, it } from 'vitest';
import { parseBar } from './parse-bar.ts';

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
    ['{', 'not JSON'],
    [{ ...bar, close: -1 }, 'close: '],
    [{ ...bar, open_time: 'yesterday' }, 'open_time: '],
    [{}, 'symbol: '],
  ])('refuses %j with the reason', (value, reason) => {
    expect(parse(value)).toEqual({ reason: expect.stringContaining(reason) });
  });
});
