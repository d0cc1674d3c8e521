/** Computes how long to wait before the next attempt: by exponential backoff, or as a Retry-After header asks. Pure. */

/**
 * Returns the milliseconds to wait before a retry: a random value between half of a delay and the whole delay. The
 * delay doubles with each retry, from `baseMs` up to `maxMs`.
 * @param attempt number of the retry, from 0
 */
export function backoffDelay(
  attempt: number,
  { baseMs, maxMs }: { baseMs: number; maxMs: number },
  random: () => number,
): number {
  const delay = Math.min(baseMs * 2 ** attempt, maxMs);
  return delay / 2 + (delay / 2) * random();
}

/**
 * Returns the milliseconds that a Retry-After header asks to wait. The header is a number of seconds or a date (RFC
 * 9110, 10.2.3). Returns undefined if the header is missing or malformed.
 * @param nowMs current time, milliseconds since 1970
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
