import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExpositionFormat } from './negotiate-format.ts';
import { type Family, writeFamily } from './write-family.ts';

/** Longest time that writing a scrape blocks the event loop. Orders and signals are delayed by at most this. */
const SLICE_MS = 2;

/**
 * Metrics in the order in which they are written. With an async iterable, each metric is collected only after the
 * metric before it is written.
 */
export type Families = Iterable<Family> | AsyncIterable<Family>;

/** Returns the text of a scrape. Pauses every SLICE_MS to let the event loop run. */
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
