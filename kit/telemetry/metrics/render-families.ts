import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExpositionFormat } from './negotiate-format.ts';
import { type Family, writeFamily } from './write-family.ts';

/** Longest that a scrape is written in one go: orders and signals wait that long. */
const SLICE_MS = 2;

/** Metrics one after the other: each is collected when the one before is written, so that none waits for all. */
export type Families = Iterable<Family> | AsyncIterable<Family>;

/** Writes what a scrape shows, in slices between which the process does its work. */
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
