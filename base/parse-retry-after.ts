/**
 * Milliseconds that a server asks to be left alone: its Retry-After header, seconds or a date (RFC 9110).
 * Undefined where it asks for none, or in words that nobody understands. `nowMs` is in ms since 1970.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
