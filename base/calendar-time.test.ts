import { describe, expect, it } from 'vitest';
import { parseCalendarTime } from './calendar-time.ts';

describe('parseCalendarTime', () => {
  it.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2023-12-31T23:59', Date.UTC(2023, 11, 31, 23, 59)],
    ['2023-12-31T23:59:58.5', Date.UTC(2023, 11, 31, 23, 59, 58, 500)],
    ['2023-01-01T01:00:00+02:00', Date.UTC(2022, 11, 31, 23)],
    ['2023-01-01T00:00:00Z', Date.UTC(2023, 0, 1)],
  ])('parses %s', (text, time) => {
    expect(parseCalendarTime(text)).toBe(time);
  });

  it.each([
    ...['2023-02-29', '2023-02-30', '2023-04-31', '2100-02-29', '2023-13-01', '2023-00-10', '2023-01-00', '0000-00-00'],
    ...['2023-02-30T00:00:00Z', '2023-01-01T24:00:00Z', '2023-01-01T23:60:00Z', '2023-01-01T23:00:60Z'],
    ...['2023-1-1', '2023-01-01 10:00', '01/02/2023', 'yesterday', '', '+012023-01-01', '2023-01-01T00:00:00+25:00'],
  ])('refuses %j', (text) => {
    expect(parseCalendarTime(text)).toBeUndefined();
  });
});
