import { expect, it } from 'vitest';
import { parseRetryAfter } from './parse-retry-after.ts';

const NOW = Date.parse('2026-01-05T00:00:00Z');

it.each([
  ['3', 3_000],
  ['0', 0],
  ['Mon, 05 Jan 2026 00:00:07 GMT', 7_000],
  ['Sun, 04 Jan 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('Retry-After: %s is %s ms', (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
