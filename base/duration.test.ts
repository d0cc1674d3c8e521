import { describe, expect, it } from 'vitest';
import { durationSchema } from '#controller/api/trading-pipeline.ts';
import { formatDuration, parseDurationSeconds } from './duration.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['90s', 90],
    ['1h30m', 5_400],
    ['1w2d', 777_600],
  ])('reads %s', (text, seconds) => {
    expect(durationSchema.safeParse(text).success).toBe(true);
    expect(parseDurationSeconds(text)).toBe(seconds);
  });

  it.each(['', '5', '5 m', '1m1h', '-5m', '1.5h', '5min'])('refuses "%s"', (text) => {
    expect(durationSchema.safeParse(text).success).toBe(false);
  });

  it('writes the largest whole unit', () => {
    expect([300, 480, 90, 3_600, 604_800, 0].map(formatDuration)).toEqual(['5m', '8m', '90s', '1h', '1w', '0s']);
  });
});
