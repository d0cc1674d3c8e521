/**
 * Keeps an index of pipelines in memory, finds the pipelines that a signal starts, and plans an execution for each
 * match.
 */
import { createHash } from 'node:crypto';
import type { SignalOutcome } from '../executions/execution.ts';
import { pipelineSchema, type SignalSubscription } from '../pipelines/pipeline.ts';
import type { Signal } from '../signals/signal.ts';

/** The fields of a pipeline that the index needs. */
export interface SignalPipeline {
  readonly pipelineId: string;
  readonly tickers: readonly string[];
  readonly signals: readonly SignalSubscription[];
}

/**
 * Parses a stored definition. Returns undefined if the pipeline has no signal trigger.
 * @throws ZodError if this version does not understand the definition
 */
export function parsePipeline(pipelineId: string, definition: unknown): SignalPipeline | undefined {
  const { trigger, tickers } = pipelineSchema.parse(definition);
  if (trigger.mode !== 'signal') return undefined;
  return { pipelineId, tickers, signals: trigger.signals };
}

interface Match {
  readonly pipelineId: string;
  readonly ticker: string;
}

/** The timeframe of a subscription that accepts every timeframe. */
const ANY = '*';

/** The pipelines that wait for signals of one ticker, type and timeframe, grouped by minimum confidence. */
interface Ladder {
  /** Minimum confidences, in ascending order. They are the keys of `waiting`, whose values are sets of pipeline ids. */
  readonly levels: number[];
  readonly waiting: Map<number, Set<string>>;
}

/** One entry of a pipeline in the index. */
interface Posting {
  readonly ticker: string;
  /** Signal type and timeframe, joined by `keyOf`. */
  readonly key: string;
  readonly level: number;
}

/**
 * Approximate memory of each kind of entry of the index on V8, in bytes, measured with 10,000 and 100,000 pipelines.
 */
const BYTES = { pipeline: 240, posting: 150, ladder: 400 } as const;

/**
 * An inverted index that leads from ticker, then type and timeframe, then minimum confidence to pipelines. The time to
 * match a signal grows with the number of its matches, not with the number of pipelines. Changing one pipeline does not
 * touch the entries of others.
 */
export class PipelineIndex {
  readonly #ladders = new Map<string, Map<string, Ladder>>();
  readonly #postings = new Map<string, Posting[]>();
  #postingCount = 0;
  #ladderCount = 0;

  /** Number of pipelines in the index. */
  get size(): number {
    return this.#postings.size;
  }

  /** Estimated memory of the index: the number of entries times their approximate sizes. */
  get estimatedBytes(): number {
    return this.size * BYTES.pipeline + this.#postingCount * BYTES.posting + this.#ladderCount * BYTES.ladder;
  }

  /** Adds a pipeline to the index, or replaces its entries if the index has the pipeline already. */
  upsert(pipeline: SignalPipeline): void {
    this.remove(pipeline.pipelineId);
    const postings = postingsOf(pipeline);
    for (const posting of postings) this.#post(pipeline.pipelineId, posting);
    this.#postings.set(pipeline.pipelineId, postings);
    this.#postingCount += postings.length;
  }

  remove(pipelineId: string): void {
    const postings = this.#postings.get(pipelineId) ?? [];
    for (const posting of postings) this.#withdraw(pipelineId, posting);
    this.#postings.delete(pipelineId);
    this.#postingCount -= postings.length;
  }

  /**
   * Returns the pipelines that a signal starts. Each pipeline occurs once per ticker, even if several of its
   * subscriptions match.
   */
  match(signal: Signal): Match[] {
    const matches: Match[] = [];
    for (const [ticker, confidence] of confidences(signal)) {
      const ladders = this.#ladders.get(ticker);
      if (!ladders) continue;
      const found = new Set<string>();
      for (const timeframe of new Set([signal.metadata.timeframe, ANY])) {
        climb(ladders.get(keyOf(signal.signal_type, timeframe)), confidence, found);
      }
      for (const pipelineId of found) matches.push({ pipelineId, ticker });
    }
    return matches;
  }

  #post(pipelineId: string, { ticker, key, level }: Posting): void {
    const ladders = getOrPut(this.#ladders, ticker, () => new Map<string, Ladder>());
    const ladder = getOrPut(ladders, key, () => {
      this.#ladderCount += 1;
      return { levels: [], waiting: new Map() };
    });
    const waiting = getOrPut(ladder.waiting, level, () => {
      ladder.levels.splice(findPlace(ladder.levels, level), 0, level);
      return new Set();
    });
    waiting.add(pipelineId);
  }

  #withdraw(pipelineId: string, { ticker, key, level }: Posting): void {
    const ladders = this.#ladders.get(ticker);
    const ladder = ladders?.get(key);
    const waiting = ladder?.waiting.get(level);
    waiting?.delete(pipelineId);
    if (!ladders || !ladder || !waiting || waiting.size > 0) return;
    ladder.waiting.delete(level);
    ladder.levels.splice(findPlace(ladder.levels, level), 1);
    if (ladder.levels.length > 0) return;
    ladders.delete(key);
    this.#ladderCount -= 1;
    if (ladders.size === 0) this.#ladders.delete(ticker);
  }
}

/**
 * Returns the index entries of a pipeline. If the pipeline has several subscriptions to the same type and timeframe,
 * only the lowest minimum confidence counts.
 */
function postingsOf({ tickers, signals }: SignalPipeline): Posting[] {
  const least = new Map<string, number>();
  for (const { type, timeframe = ANY, minConfidence } of signals) {
    const key = keyOf(type, timeframe);
    least.set(key, Math.min(minConfidence, least.get(key) ?? minConfidence));
  }
  return [...new Set(tickers)].flatMap((ticker) => [...least].map(([key, level]) => ({ ticker, key, level })));
}

/**
 * Returns the confidence of each ticker in a signal. If the signal names a ticker twice, the higher confidence counts.
 */
function confidences({ tickers }: Signal): Map<string, number> {
  const best = new Map<string, number>();
  for (const { ticker, confidence } of tickers) best.set(ticker, Math.max(confidence, best.get(ticker) ?? 0));
  return best;
}

function climb(ladder: Ladder | undefined, confidence: number, found: Set<string>): void {
  for (const level of ladder?.levels ?? []) {
    if (level > confidence) return;
    for (const pipelineId of ladder?.waiting.get(level) ?? []) found.add(pipelineId);
  }
}

/** Joins type and timeframe with a space. Signal types contain no space, so the key is unambiguous. */
function keyOf(type: string, timeframe: string): string {
  return `${type} ${timeframe}`;
}

/** Returns the index of the first level that is not below `level`, by binary search. */
function findPlace(levels: readonly number[], level: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] ?? Number.POSITIVE_INFINITY) < level) low = middle + 1;
    else high = middle;
  }
  return low;
}

function getOrPut<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(key, made);
  return made;
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
