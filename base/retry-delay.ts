/** How long to wait before the next attempt: by our own backoff, or as the server asks. Pure. */

/** Milliseconds before attempt number `attempt` (0, 1, …): doubles from `baseMs` up to `maxMs`, and jitters its upper half. */
export function backoffDelay(
  attempt: number,
  { baseMs, maxMs }: { baseMs: number; maxMs: number },
  random: () => number,
): number {
  const delay = Math.min(baseMs * 2 ** attempt, maxMs);
  return delay / 2 + (delay / 2) * random();
}

/**
 * Milliseconds that a Retry-After header asks to wait; the header is a number of seconds or a date (RFC 9110, 10.2.3).
 * Returns undefined if the header is missing or is neither.
 * @param nowMs milliseconds since 1970
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
