import { setImmediate as nextTurn } from 'node:timers/promises';

/** Short beside what a watch, the lease or a scrape may wait for. */
const SLICE_MS = 5;

/** The items one by one; between them the event loop gets its turn whenever the work on them has taken a slice of time. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let endsAt = performance.now() + SLICE_MS;
  for (const item of items) {
    yield item;
    if (performance.now() < endsAt) continue;
    await nextTurn();
    endsAt = performance.now() + SLICE_MS;
  }
}
