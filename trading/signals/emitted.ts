/**
 * What the platform emits: the series of bars and signals that it has seen, or that a generator declares to emit. Whether a
 * pipeline can ever be started by a signal is judged from this list (pipelines/judge-trigger.ts). Pure.
 */
import { z } from 'zod';
import { tickerSchema } from '../market/bar.ts';

/** Most series that are listed. With more, nothing is said about what is missing. */
export const MOST_EMITTED_SERIES = 1_000;

const typeNames = z.array(z.string().min(1).max(64)).max(100);

const emittedSeriesSchema = z.object({
  symbol: tickerSchema,
  timeframe: z.string().min(1).max(16),
  types: typeNames.describe('Types of signals of this series, each seen, declared, or possible for any bar'),
});
export type EmittedSeries = z.infer<typeof emittedSeriesSchema>;

export const emittedSchema = z.object({
  series: z.array(emittedSeriesSchema).max(MOST_EMITTED_SERIES),
  complete: z.boolean().describe('false if there are more series than are listed'),
  declared: z.boolean().describe('true if a generator declares every series of the list'),
  watched_seconds: z.number().min(0).describe('For how long the platform has seen market data or signals'),
});
export type Emitted = z.infer<typeof emittedSchema>;

/**
 * Name of the header in which a generator declares all that it emits, on one bar of each batch. So a symbol whose market is
 * closed today is known too.
 */
export const EMITS_HEADER = 'emits';

/** The value of the header `emits`, as JSON. Every series can have every type. */
const declarationSchema = z.object({
  series: z.array(z.tuple([tickerSchema, z.string().min(1).max(16)])).max(MOST_EMITTED_SERIES),
  types: typeNames,
});
export type EmitsDeclaration = z.infer<typeof declarationSchema>;

/** Parses the header; returns undefined if it is not a declaration. */
export function parseDeclaration(text: string): EmitsDeclaration | undefined {
  try {
    return declarationSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Adds types to a series of the list, which is keyed by symbol, then by timeframe. */
export type SeriesTable = Map<string, Map<string, Set<string>>>;

export function addSeries(table: SeriesTable, symbol: string, timeframe: string, types: Iterable<string>): void {
  const ofSymbol = table.get(symbol) ?? new Map<string, Set<string>>();
  const known = ofSymbol.get(timeframe) ?? new Set<string>();
  for (const type of types) known.add(type);
  table.set(symbol, ofSymbol.set(timeframe, known));
}

/** Returns the series of the table, sorted by symbol and timeframe. */
export function listSeries(table: SeriesTable): EmittedSeries[] {
  const all = [...table].flatMap(([symbol, ofSymbol]) =>
    [...ofSymbol].map(([timeframe, types]) => ({ symbol, timeframe, types: [...types].sort() })),
  );
  return all.sort((a, b) => (`${a.symbol} ${a.timeframe}` < `${b.symbol} ${b.timeframe}` ? -1 : 1));
}
