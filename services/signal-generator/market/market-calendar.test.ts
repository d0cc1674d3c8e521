import { describe, expect, it } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { isMarketOpen } from '#trading/market/market-hours.ts';
import { createMarketHours, readCalendar, readExchange } from './market-calendar.ts';

const log = createLogger('test', 'silent');
const at = (time: string) => new Date(time);
const open = (symbol: string, time: string) => isMarketOpen(readCalendar(symbol, at(time), log), at(time));

describe('the stock exchange', () => {
  it.each([
    ['before the opening', '2026-11-20T14:29:59Z', false],
    ['at the opening', '2026-11-20T14:30:00Z', true],
    ['a second before the close', '2026-11-20T20:59:59Z', true],
    ['at the close', '2026-11-20T21:00:00Z', false],
    ['on a Saturday', '2026-11-21T16:00:00Z', false],
    ['on a Sunday', '2026-11-22T16:00:00Z', false],
    ['at Thanksgiving', '2026-11-26T16:00:00Z', false],
    ['on Good Friday', '2027-03-26T15:00:00Z', false],
    ['on Monday, July 5, when July 4 is a Sunday', '2027-07-05T15:00:00Z', false],
    ['on the day after Thanksgiving, a minute before 13:00', '2026-11-27T17:59:00Z', true],
    ['on the day after Thanksgiving, at 13:00', '2026-11-27T18:00:00Z', false],
    ['on Christmas Eve, after 13:00', '2026-12-24T18:30:00Z', false],
    ['at 14:00 UTC during daylight saving time', '2026-10-30T14:00:00Z', true],
    ['at 14:00 UTC, the day after clocks went back', '2026-11-02T14:00:00Z', false],
    ['at 20:30 UTC, the day after clocks went back', '2026-11-02T20:30:00Z', true],
    ['at 13:45 UTC, the day after clocks went forward', '2027-03-15T13:45:00Z', true],
    ['at 13:45 UTC, the day before', '2027-03-12T13:45:00Z', false],
    ['after the end of the calendar, on a working day', '2029-01-01T16:00:00Z', true],
  ])('%s', (_what, time, is) => {
    expect(open('GOOG', time)).toBe(is);
  });

  it('is open as many minutes in a month as exchange_calendars computes', () => {
    const calendar = readExchange('XNYS');
    const minutes = (month: string, days: number) => {
      let count = 0;
      const start = Date.parse(`${month}-01T05:00:00Z`);
      for (let minute = 0; minute < days * 1_440; minute += 1)
        if (isMarketOpen(calendar, new Date(start + minute * 60_000))) count += 1;
      return count;
    };
    // Values from exchange_calendars 4.13.2, for months with daylight saving changes, holidays and half days.
    expect(minutes('2026-03', 31)).toBe(8_580);
    expect(minutes('2026-11', 30)).toBe(7_620);
    expect(minutes('2026-12', 31)).toBe(8_400);
    expect(minutes('2028-07', 31)).toBe(7_620);
  });
});

describe('currencies', () => {
  it.each([
    ['on Sunday before five in New York', '2026-11-22T21:59:00Z', false],
    ['on Sunday at five', '2026-11-22T22:00:00Z', true],
    ['on Monday night in New York', '2026-11-24T03:00:00Z', true],
    ['on Friday before five', '2026-11-20T21:59:00Z', true],
    ['on Friday at five', '2026-11-20T22:00:00Z', false],
    ['on Friday at five, during daylight saving time', '2026-07-10T21:00:00Z', false],
    ['on Saturday', '2026-11-21T12:00:00Z', false],
  ])('%s', (_what, time, is) => {
    expect(open('EURUSD', time)).toBe(is);
  });
});

it('never closes for cryptocurrencies, nor for a symbol without a calendar', () => {
  for (const symbol of ['BTCUSD', 'UNKNOWN']) expect(open(symbol, '2026-12-25T03:00:00Z')).toBe(true);
});

it('keeps every market open with MARKET_HOURS=replay, and follows the real hours with exchange', () => {
  const christmas = () => at('2026-12-25T16:00:00Z');
  expect(createMarketHours('replay', ['GOOG'], log, christmas)('GOOG')).toBe(true);
  expect(createMarketHours('exchange', ['GOOG'], log, christmas)('GOOG')).toBe(false);
  expect(createMarketHours('exchange', ['GOOG', 'BTCUSD'], log, christmas)('BTCUSD')).toBe(true);
});
