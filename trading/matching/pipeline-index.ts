/**
 * Keeps an index of pipelines in memory, finds the pipelines that a signal starts, and plans an execution for each
 * match.
 */
import { createHash } from 'node:crypto';
import type { SignalOutcome } from '../executions/execution.ts';
import type { Signal } from '../signals/signal.ts';
import { countEntries, isEnteredByPair } from './index-entries.ts';
import { Ladder } from './ladder.ts';
import { ANY, getOrPut, keyOf, type Level, levelsOf, type SignalPipeline } from './signal-pipeline.ts';

export type { SignalPipeline };

interface Match {
  readonly pipelineId: string;
  readonly ticker: string;
}

/** Pipelines that trade the same tickers, grouped by type and timeframe of their signals. */
interface Universe {
  readonly name: string;
  readonly tickers: readonly Ticker[];
  /** Keyed by `keyOf`. */
  readonly ladders: Map<string, Ladder>;
}

interface Ticker {
  readonly name: string;
  readonly universes: Universe[];
}

/** What the index knows of a pipeline, so that it can remove the pipeline. */
interface Entered {
  readonly universes: readonly Universe[];
  readonly levels: readonly Level[];
  readonly entries: number;
}

/** Approximate memory of each kind of object on V8, in bytes, measured with 10,000 to 100,000 pipelines. */
const BYTES = { pipeline: 330, ladder: 270, universe: 300, ticker: 140, link: 12 } as const;

/**
 * An inverted index that leads from a ticker to universes, and in a universe from type and timeframe to pipelines by
 * minimum confidence. A small pipeline is entered in the universe of each of its tickers, so the time to match a signal
 * grows with the number of its matches, not with the number of pipelines. A large pipeline is entered once, in the universe
 * of all its tickers, so its memory grows with the sum of its tickers and signals, not with their product.
 */
export class PipelineIndex {
  readonly #tickers = new Map<string, Ticker>();
  readonly #universes = new Map<string, Universe>();
  readonly #entered = new Map<string, Entered>();
  readonly #maxEntries: number;
  #entries = 0;
  #ladders = 0;
  #links = 0;

  /** @param maxEntries most entries of all pipelines together, counted by `countEntries` */
  constructor(maxEntries = Number.POSITIVE_INFINITY) {
    this.#maxEntries = maxEntries;
  }

  /** Number of pipelines in the index. */
  get size(): number {
    return this.#entered.size;
  }

  /** Number of entries for which there is still room. */
  get room(): number {
    return this.#maxEntries - this.#entries;
  }

  /** Estimated memory of the index: the number of its objects times their approximate sizes. */
  get estimatedBytes(): number {
    const { pipeline, ladder, universe, ticker, link } = BYTES;
    const shared = this.#universes.size * universe + this.#tickers.size * ticker + this.#links * link;
    return this.size * pipeline + this.#ladders * ladder + shared;
  }

  /**
   * Adds a pipeline to the index, or replaces its entries if the index has the pipeline already. Returns false if there is
   * no room: the pipeline is then not in the index.
   */
  upsert(pipeline: SignalPipeline): boolean {
    this.remove(pipeline.pipelineId);
    const entries = countEntries(pipeline);
    if (entries > this.room) return false;
    const levels = levelsOf(pipeline);
    const tickers = [...new Set(pipeline.tickers)].sort();
    const groups = isEnteredByPair(pipeline) ? tickers.map((ticker) => [ticker]) : [tickers];
    const universes = groups.map((group) => this.#universeOf(group));
    for (const universe of universes) for (const level of levels) this.#enter(universe, level, pipeline.pipelineId);
    this.#entered.set(pipeline.pipelineId, { universes, levels, entries });
    this.#entries += entries;
    return true;
  }

  remove(pipelineId: string): void {
    const entered = this.#entered.get(pipelineId);
    if (!entered) return;
    for (const universe of entered.universes) {
      for (const level of entered.levels) this.#withdraw(universe, level, pipelineId);
      if (universe.ladders.size === 0) this.#drop(universe);
    }
    this.#entered.delete(pipelineId);
    this.#entries -= entered.entries;
  }

  /**
   * Returns the pipelines that a signal starts. Each pipeline occurs once per ticker, even if several of its
   * subscriptions match.
   */
  match(signal: Signal): Match[] {
    const matches: Match[] = [];
    const keys = [...new Set([signal.metadata.timeframe, ANY])].map((frame) => keyOf(signal.signal_type, frame));
    for (const [ticker, confidence] of confidences(signal)) {
      const found = new Set<string>();
      for (const { ladders } of this.#tickers.get(ticker)?.universes ?? []) {
        for (const key of keys) ladders.get(key)?.climb(confidence, found);
      }
      for (const pipelineId of found) matches.push({ pipelineId, ticker });
    }
    return matches;
  }

  /** Returns the universe of these tickers, which are sorted. Adds it if the index does not have it. */
  #universeOf(names: readonly string[]): Universe {
    // The name of a large universe is a hash, because the tickers of 1,000 would take 13 kB.
    const name = names.length === 1 ? (names[0] ?? '') : createHash('sha256').update(names.join(' ')).digest('base64');
    return getOrPut(this.#universes, name, () => {
      const tickers: Ticker[] = [];
      const universe: Universe = { name, tickers, ladders: new Map() };
      for (const ticker of names) tickers.push(this.#link(ticker, universe));
      this.#links += tickers.length;
      return universe;
    });
  }

  #link(name: string, universe: Universe): Ticker {
    const ticker = this.#tickers.get(name);
    if (ticker) {
      ticker.universes.push(universe);
      return ticker;
    }
    const added: Ticker = { name, universes: [universe] };
    this.#tickers.set(name, added);
    return added;
  }

  #drop(universe: Universe): void {
    this.#universes.delete(universe.name);
    this.#links -= universe.tickers.length;
    for (const { name, universes } of universe.tickers) {
      universes.splice(universes.indexOf(universe), 1);
      if (universes.length === 0) this.#tickers.delete(name);
    }
  }

  #enter({ ladders }: Universe, [key, minConfidence]: Level, pipelineId: string): void {
    const ladder = getOrPut(ladders, key, () => {
      this.#ladders += 1;
      return new Ladder();
    });
    ladder.add(minConfidence, pipelineId);
  }

  #withdraw({ ladders }: Universe, [key, minConfidence]: Level, pipelineId: string): void {
    const ladder = ladders.get(key);
    ladder?.remove(minConfidence, pipelineId);
    if (!ladder?.isEmpty) return;
    ladders.delete(key);
    this.#ladders -= 1;
  }
}

/**
 * Returns the confidence of each ticker in a signal. If the signal names a ticker twice, the higher confidence counts.
 */
function confidences({ tickers }: Signal): Map<string, number> {
  const best = new Map<string, number>();
  for (const { ticker, confidence } of tickers) best.set(ticker, Math.max(confidence, best.get(ticker) ?? 0));
  return best;
}

/** An execution planned for a match. Whether the execution is queued or skipped is decided when it is stored. */
export interface PlannedExecution {
  readonly execution_id: string;
  readonly pipeline_id: string;
  readonly ticker: string;
  readonly signal_id: string;
}

export interface PlannedSignal {
  readonly signal: Signal;
  readonly executions: readonly PlannedExecution[];
}

/** Plans one execution per match of each signal. A signal that occurs twice in the batch is planned once. */
export function planExecutions(signals: readonly Signal[], match: (signal: Signal) => Match[]): PlannedSignal[] {
  const first = new Map(signals.toReversed().map((signal) => [signal.signal_id, signal]));
  return signals
    .filter((signal) => first.get(signal.signal_id) === signal)
    .map((signal) => ({ signal, executions: match(signal).map((found) => planExecution(signal.signal_id, found)) }));
}

function planExecution(signal_id: string, { pipelineId, ticker }: Match): PlannedExecution {
  return { execution_id: executionId(signal_id, pipelineId, ticker), pipeline_id: pipelineId, ticker, signal_id };
}

/**
 * Returns the id of an execution. The same arguments always give the same id, so a signal that is delivered again
 * starts no second execution.
 */
export function executionId(signalId: string, pipelineId: string, ticker: string): string {
  return createHash('sha256').update([signalId, pipelineId, ticker].join('|')).digest('hex').slice(0, 32);
}

/** The outcome of a signal, as its row in `signals` records it. */
export interface SignalAccount {
  readonly signal_id: string;
  readonly matched: number;
  readonly enqueued: number;
  readonly skipped: number;
  readonly outcome: SignalOutcome;
}

/**
 * Counts how many executions of a signal were queued and how many skipped. An execution in neither set does not count
 * as a match, because its pipeline was deleted or paused after the matching.
 * @param enqueued ids of the executions stored as queued
 * @param skipped ids of the executions stored as skipped
 */
export function accountSignal(
  { signal, executions }: PlannedSignal,
  enqueued: ReadonlySet<string>,
  skipped: ReadonlySet<string>,
): SignalAccount {
  const count = (ids: ReadonlySet<string>) => executions.filter(({ execution_id }) => ids.has(execution_id)).length;
  const counts = { enqueued: count(enqueued), skipped: count(skipped) };
  const matched = counts.enqueued + counts.skipped;
  return { signal_id: signal.signal_id, matched, ...counts, outcome: outcomeOf(matched, counts.enqueued) };
}

function outcomeOf(matched: number, enqueued: number): SignalAccount['outcome'] {
  if (matched === 0) return 'unmatched';
  return enqueued > 0 ? 'matched' : 'skipped';
}
