/**
 * Knows what the platform emits: the bars and signals that are stored, and what generators declare in the headers of bars. The
 * API warns of pipelines that nothing of it can start, and the operator reads the same list.
 */
import type { Kysely } from 'kysely';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { Database } from '#platform/schema.ts';
import { tickerSchema } from '#trading/market/bar.ts';
import {
  addSeries,
  EMITS_HEADER,
  type Emitted,
  listSeries,
  MOST_EMITTED_SERIES,
  parseDeclaration,
  type SeriesTable,
} from '#trading/signals/emitted.ts';
import { signalTypeNames } from '#trading/signals/signal-types.gen.ts';
import { readBarSeries, readFirstSignalTime, readSignalSeries } from '../store/emitted.ts';

export interface EmittedWatch {
  /** Takes note of a batch of bars: of the time, and of the declarations in their headers. */
  observe(messages: readonly Pick<IncomingMessage, 'headers'>[]): void;
  /** Returns what is emitted. Reads the database at most every ten seconds. */
  read(): Promise<Emitted>;
}

interface EmittedWatchOptions {
  readonly db: Kysely<Database>;
  /** Returns the current time, milliseconds since 1970. */
  readonly now: () => number;
}

const KEPT_MS = 10_000;
/** Most types of signals of one series that are listed. */
const MOST_TYPES = 100;

export function createEmittedWatch({ db, now }: EmittedWatchOptions): EmittedWatch {
  const declared: SeriesTable = new Map();
  const last = { declaration: '', firstBarAt: Number.POSITIVE_INFINITY };
  let kept: { readonly at: number; readonly stored: Promise<Stored> } | undefined;

  function readStored(): Promise<Stored> {
    if (kept && now() - kept.at < KEPT_MS) return kept.stored;
    const stored = readStoredSeries(db);
    kept = { at: now(), stored };
    stored.catch(() => {
      kept = undefined;
    });
    return stored;
  }

  return {
    observe(messages) {
      if (messages.length > 0) last.firstBarAt = Math.min(last.firstBarAt, now());
      for (const { headers } of messages) {
        const text = headers[EMITS_HEADER];
        if (text === undefined || Array.isArray(text) || String(text) === last.declaration) continue;
        last.declaration = String(text);
        declare(declared, last.declaration);
      }
    },
    async read() {
      const stored = await readStored();
      const since = Math.min(last.firstBarAt, stored.firstSignalAt ?? Number.POSITIVE_INFINITY);
      return { ...merge(declared, stored), watched_seconds: Math.max(0, Math.floor((now() - since) / 1_000)) };
    },
  };
}

function declare(declared: SeriesTable, text: string): void {
  const declaration = parseDeclaration(text);
  for (const [symbol, timeframe] of declaration?.series ?? []) {
    if (declared.size < MOST_EMITTED_SERIES) addSeries(declared, symbol, timeframe, declaration?.types ?? []);
  }
}

interface Stored {
  readonly bars: Awaited<ReturnType<typeof readBarSeries>>;
  readonly signals: Awaited<ReturnType<typeof readSignalSeries>>;
  readonly firstSignalAt: number | undefined;
}

async function readStoredSeries(db: Kysely<Database>): Promise<Stored> {
  const limit = MOST_EMITTED_SERIES + 1;
  const [bars, signals, first] = await Promise.all([
    readBarSeries(db, limit),
    readSignalSeries(db, limit * MOST_TYPES),
    readFirstSignalTime(db),
  ]);
  return { bars, signals, firstSignalAt: first?.getTime() };
}

const isTicker = (symbol: string) => tickerSchema.safeParse(symbol).success;

function merge(declared: SeriesTable, { bars, signals }: Stored): Omit<Emitted, 'watched_seconds'> {
  const table: SeriesTable = new Map();
  for (const [symbol, ofSymbol] of declared)
    for (const [timeframe, types] of ofSymbol) addSeries(table, symbol, timeframe, types);
  const isDeclared = (symbol: string, timeframe: string) => declared.get(symbol)?.has(timeframe) === true;
  for (const { symbol, timeframe } of bars) {
    // Without a declaration, any generator may watch these bars.
    if (!isDeclared(symbol, timeframe) && isTicker(symbol)) addSeries(table, symbol, timeframe, signalTypeNames);
  }
  for (const { symbol, timeframe, type } of signals) if (isTicker(symbol)) addSeries(table, symbol, timeframe, [type]);
  const series = listSeries(table).map((one) => ({ ...one, types: one.types.slice(0, MOST_TYPES) }));
  return {
    series: series.slice(0, MOST_EMITTED_SERIES),
    complete: series.length <= MOST_EMITTED_SERIES,
    declared: series.length > 0 && series.every(({ symbol, timeframe }) => isDeclared(symbol, timeframe)),
  };
}
