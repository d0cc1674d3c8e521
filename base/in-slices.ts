import { setImmediate as nextTurn } from 'node:timers/promises';

/** A watch event, a lease renewal or a scrape waits at most this much longer. */
const SLICE_MS = 5;

/** Yields the items, and lets the event loop run whenever the work on them has taken a slice of time since it last ran. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let endsAt = performance.now() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (performance.now() < endsAt) continue;
    await nextTurn();
    endsAt = performance.now() + SLICE_MS;
  }
}
