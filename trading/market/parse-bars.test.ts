import { describe, expect, it } from 'vitest';
import { parseBars } from './parse-bars.ts';

const header = ',Open,High,Low,Close,Volume\n';

describe('parseBars', () => {
  it('reads dates and times as UTC', () => {
    const bars = parseBars(
      `${header}2004-08-19,100,104.06,95.96,100.34,22351900\n2004-08-19 10:00:00,1,2,1,2,0\n`,
      'X.csv',
    );
    expect(bars).toEqual([
      { time: Date.UTC(2004, 7, 19), open: 100, high: 104.06, low: 95.96, close: 100.34, volume: 22_351_900 },
      { time: Date.UTC(2004, 7, 19, 10), open: 1, high: 2, low: 1, close: 2, volume: 0 },
    ]);
  });

  it.each([
    ['a price that is not a number', '2020-01-01,1,2,1,x,1', 'X.csv:2: Close: '],
    ['an empty price', '2020-01-01,1,2,1,,1', 'X.csv:2: Close: '],
    ['an empty volume', '2020-01-01,1,2,1,1,', 'X.csv:2: Volume: '],
    ['a negative price', '2020-01-01,-1,2,1,1,1', 'X.csv:2: Open: '],
    ['a time in another format', '01/02/2020,1,2,1,1,1', 'X.csv:2: time: expected YYYY'],
    ['a month 13', '2020-13-01,1,2,1,1,1', 'X.csv:2: time: expected a date'],
    ['a high below the close', '2020-01-01,1,2,1,3,1', 'X.csv:2: High: is below'],
    ['a low above the open', '2020-01-01,1,5,2,3,1', 'X.csv:2: Low: is above'],
    ['a bar out of order', '2020-01-02,1,2,1,1,1\n2020-01-01,1,2,1,1,1', 'X.csv:3: time: is not after'],
    ['a missing column', '2020-01-01,1,2,1', 'X.csv: '],
    ['a file without bars', '', 'X.csv: expected at least one bar'],
  ])('refuses %s and names file, line and column', (_, rows, message) => {
    expect(() => parseBars(`${header}${rows}\n`, 'X.csv')).toThrow(message);
  });

  it('refuses a file with other columns', () => {
    expect(() => parseBars('date,price\n2020-01-01,1\n', 'X.csv')).toThrow('X.csv:2: time: ');
  });
});
