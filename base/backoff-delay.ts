/** Milliseconds before try `attempt` (0, 1, …): doubling from `baseMs` to `maxMs`, with jitter over its upper half. */
export function backoffDelay(
  attempt: number,
  { baseMs, maxMs }: { baseMs: number; maxMs: number },
  random: () => number,
): number {
  const delay = Math.min(baseMs * 2 ** attempt, maxMs);
  return delay / 2 + (delay / 2) * random();
}
