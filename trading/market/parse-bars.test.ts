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
    [
      'a date that does not exist',
      '2023-02-30,1,2,1,1,1',
      'X.csv:2: time: expected a date and time that exist, got "2023-02-30"',
    ],
    [
      'the 29th of February of a common year',
      '2100-02-29,1,2,1,1,1',
      'X.csv:2: time: expected a date and time that exist',
    ],
    ['an hour 24', '2023-01-01 24:00:00,1,2,1,1,1', 'X.csv:2: time: expected a date and time that exist'],
    ['a month 13', '2020-13-01,1,2,1,1,1', 'X.csv:2: time: expected a date and time that exist, got "2020-13-01"'],
    ['a time in another format', '01/02/2020,1,2,1,1,1', 'X.csv:2: time: expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS'],
    ['an empty time', ',1,2,1,1,1', 'X.csv:2: time: expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, got ""'],
    [
      'a blank volume',
      '2020-01-01,1,2,1,1, ',
      'X.csv:2: Volume: expected a number of 0 or more, such as 1234.5, got " "',
    ],
    ['an empty volume', '2020-01-01,1,2,1,1,', 'X.csv:2: Volume: expected a number of 0 or more'],
    ['a negative volume', '2020-01-01,1,2,1,1,-1', 'X.csv:2: Volume: expected a number of 0 or more'],
    ['a volume in hexadecimal', '2020-01-01,1,2,1,1,0x10', 'X.csv:2: Volume: expected a number of 0 or more'],
    ['an infinite volume', '2020-01-01,1,2,1,1,1e999', 'X.csv:2: Volume: expected a number of 0 or more'],
    [
      'a price that is not a number',
      '2020-01-01,1,2,1,x,1',
      'X.csv:2: Close: expected a number of 0 or more, such as 1234.5, got "x"',
    ],
    ['an empty price', '2020-01-01,1,2,1,,1', 'X.csv:2: Close: expected a number of 0 or more'],
    ['a price of 0', '2020-01-01,0,2,1,1,1', 'X.csv:2: Open: expected a price above 0, got "0"'],
    [
      'a high below the close',
      '2020-01-01,1,2,1,3,1',
      'X.csv:2: High: expected at least 3, the higher of open and close, got "2"',
    ],
    [
      'a low above the open',
      '2020-01-01,1,5,2,3,1',
      'X.csv:2: Low: expected at most 1, the lower of open and close, got "2"',
    ],
    [
      'a bar out of order',
      '2020-01-02,1,2,1,1,1\n2020-01-01,1,2,1,1,1',
      'X.csv:3: time: expected a time after the bar before it, 2020-01-02 00:00:00, got "2020-01-01"',
    ],
    ['a bar twice', '2020-01-02,1,2,1,1,1\n2020-01-02,1,2,1,1,1', 'X.csv:3: time: expected a time after'],
    ['a missing column', '2020-01-01,1,2,1', 'X.csv:2: expected 6 columns (time,Open,High,Low,Close,Volume), got 4'],
    [
      'a column too many',
      '2020-01-01,1,2,1,1,1,9',
      'X.csv:2: expected 6 columns (time,Open,High,Low,Close,Volume), got 7',
    ],
    [
      'a quote that does not end',
      '2020-01-01,1,2,1,1,1\n"2020-01-02,1,2,1,1,1',
      'X.csv:3: expected comma-separated values: ',
    ],
    ['a file without bars', '', 'X.csv: expected at least one bar after the header, got none'],
  ])('refuses %s: file, line, column, expected and got', (_, rows, message) => {
    expect(() => parseBars(`${header}${rows}\n`, 'X.csv')).toThrow(message);
  });

  it('counts empty lines, also after a byte order mark', () => {
    expect(() => parseBars(`\ufeff${header}\n\r\n2020-01-01,1,2,1,1,x\n`, 'X.csv')).toThrow('X.csv:4: Volume: ');
  });

  it.each([
    ['other columns', 'date,price\n2020-01-01,1\n', 'date,price'],
    ['another order', ',Open,Low,High,Close,Volume\n2020-01-01,1,1,2,1,1\n', ',Open,Low,High,Close,Volume'],
    ['semicolons', ';Open;High;Low;Close;Volume\n2020-01-01;1;2;1;1;1\n', ';Open;High;Low;Close;Volume'],
    ['small letters', ',open,high,low,close,volume\n2020-01-01,1,2,1,1,1\n', ',open,high,low,close,volume'],
    ['no header', '2020-01-01,1,2,1,1,1\n', '2020-01-01,1,2,1,1,1'],
  ])('refuses a file with %s, and shows both headers', (_, text, got) => {
    expect(() => parseBars(text, 'X.csv')).toThrow(
      `X.csv:1: expected the header ,Open,High,Low,Close,Volume, got ${got}`,
    );
  });

  it('refuses an empty file', () => {
    expect(() => parseBars('', 'X.csv')).toThrow(
      'X.csv: expected the header ,Open,High,Low,Close,Volume and at least one bar',
    );
  });
});
