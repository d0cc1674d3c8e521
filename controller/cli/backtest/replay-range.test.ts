import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from './replay-range.ts';

const now = new Date('2026-03-01T12:00:00Z');
const parsed = (text: string) => {
  const seconds = parseTime(text, now);
  return seconds === undefined ? undefined : formatTime(seconds);
};

describe('parseTime', () => {
  it.each([
    ['now', '2026-03-01T12:00:00Z'],
    ['-1h30m', '2026-03-01T10:30:00Z'],
    ['-1d', '2026-02-28T12:00:00Z'],
    ['2026-02-01', '2026-02-01T00:00:00Z'],
    ['2026-02-01T06:00', '2026-02-01T06:00:00Z'],
    ['2026-02-01T06:00:30+02:00', '2026-02-01T04:00:30Z'],
    ['1767225600', '2026-01-01T00:00:00Z'],
  ])('parses %s', (text, expected) => {
    expect(parsed(text)).toBe(expected);
  });

  it.each(['yesterday', '', '-', '5m', '2026-13-01', '2026-02-30', '2026-02-01 06:00', '12'])('refuses %j', (text) => {
    expect(parsed(text)).toBeUndefined();
  });
});
