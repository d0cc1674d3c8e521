import { describe, expect, it } from 'vitest';
import { backoffDelay, parseRetryAfter } from './retry-delay.ts';

describe('backoffDelay', () => {
  const limits = { baseMs: 100, maxMs: 1_000 };

  it('doubles up to the limit', () => {
    const longest = [0, 1, 2, 3, 4, 100].map((attempt) => backoffDelay(attempt, limits, () => 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('jitters between half of the delay and all of it', () => {
    expect([0, 0.5, 1].map((random) => backoffDelay(1, limits, () => random))).toEqual([100, 150, 200]);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-05T00:00:00Z');

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Mon, 05 Jan 2026 00:00:07 GMT', 7_000],
    ['Sun, 04 Jan 2026 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('reads "%s" as %s ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});
