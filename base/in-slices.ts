import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * How long items are processed before the event loop runs again. A watch event, a lease renewal or a scrape is delayed
 * by about this time at most.
 */
const SLICE_MS = 5;

/** Yields the items. Whenever the caller has worked on them for SLICE_MS, the event loop runs before the next item. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let endsAt = performance.now() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (performance.now() < endsAt) continue;
    await nextTurn();
    endsAt = performance.now() + SLICE_MS;
  }
}
