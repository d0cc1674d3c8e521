import { describe, expect, it } from 'vitest';
import { durationSchema } from '#controller/api/trading-pipeline.ts';
import { formatCompoundDuration, formatDuration, parseDurationSeconds } from './duration.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['90s', 90],
    ['1h30m', 5_400],
    ['1w2d', 777_600],
  ])('parses "%s"', (text, seconds) => {
    expect(durationSchema.safeParse(text).success).toBe(true);
    expect(parseDurationSeconds(text)).toBe(seconds);
  });

  it.each(['', '5', '5 m', '1m1h', '-5m', '1.5h', '5min'])('refuses "%s"', (text) => {
    expect(durationSchema.safeParse(text).success).toBe(false);
  });

  it('writes the largest unit that divides the seconds', () => {
    expect([300, 480, 90, 3_600, 604_800, 0].map(formatDuration)).toEqual(['5m', '8m', '90s', '1h', '1w', '0s']);
  });

  it('writes all units up to days', () => {
    expect([3_599, 90_061, 604_800].map(formatCompoundDuration)).toEqual(['59m59s', '1d1h1m1s', '7d']);
  });
});
