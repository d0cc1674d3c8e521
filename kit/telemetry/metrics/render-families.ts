import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExpositionFormat } from './negotiate-format.ts';
import { type Family, writeFamily } from './write-family.ts';

/** Longest that writing a scrape blocks the event loop: orders and signals wait that long. */
const SLICE_MS = 2;

/** Metrics in the order of writing. An async iterable collects each metric only when the one before is written. */
export type Families = Iterable<Family> | AsyncIterable<Family>;

/** Writes the text of a scrape in slices, between which the event loop runs. */
export async function renderFamilies(families: Families, format: ExpositionFormat): Promise<string> {
  let text = '';
  let began = performance.now();
  for await (const family of families) {
    for (const piece of writeFamily(family, format)) {
      text += piece;
      if (performance.now() - began < SLICE_MS) continue;
      await nextTurn();
      began = performance.now();
    }
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}
