import type { Signal } from '../signals/signal.ts';
import type { SignalPipeline } from './parse-pipeline.ts';

export interface Match {
  readonly pipelineId: string;
  readonly ticker: string;
}

/** Stands for every timeframe in a posting's place. */
const ANY = '*';

/** Pipelines by the least confidence they want: the levels in ascending order, and who waits at each. */
interface Ladder {
  readonly levels: number[];
  readonly waiting: Map<number, Set<string>>;
}

/** Where a pipeline stands in the index. */
interface Posting {
  readonly ticker: string;
  /** Signal type and timeframe, as `keyOf` joins them. */
  readonly key: string;
  readonly level: number;
}

/** Rough weights on V8 in bytes, measured at 10,000 and 100,000 pipelines. */
const BYTES = { pipeline: 240, posting: 150, ladder: 400 } as const;

/**
 * Which pipelines a signal starts: an inverted index, ticker → type and timeframe → least confidence. What a signal
 * costs grows with its matches, not with the pipelines; one pipeline changes without the others.
 */
export class PipelineIndex {
  readonly #ladders = new Map<string, Map<string, Ladder>>();
  readonly #postings = new Map<string, Posting[]>();
  #postingCount = 0;
  #ladderCount = 0;

  /** Pipelines in the index. */
  get size(): number {
    return this.#postings.size;
  }

  /** An estimate: what it holds, by weights. */
  get estimatedBytes(): number {
    return this.size * BYTES.pipeline + this.#postingCount * BYTES.posting + this.#ladderCount * BYTES.ladder;
  }

  /** Puts a pipeline in, or in place of what was known of it. */
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

  /** The pipelines that a signal starts: each once for a ticker, whatever the number of its subscriptions that match. */
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

/** The places of a pipeline: of several subscriptions to one type and timeframe, the one that wants least. */
function postingsOf({ tickers, signals }: SignalPipeline): Posting[] {
  const least = new Map<string, number>();
  for (const { type, timeframe = ANY, minConfidence } of signals) {
    const key = keyOf(type, timeframe);
    least.set(key, Math.min(minConfidence, least.get(key) ?? minConfidence));
  }
  return [...new Set(tickers)].flatMap((ticker) => [...least].map(([key, level]) => ({ ticker, key, level })));
}

/** A ticker that stands twice in a signal counts with its best confidence. */
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

/** No type of the catalogue holds a blank, so that no two pairs have one key. */
function keyOf(type: string, timeframe: string): string {
  return `${type} ${timeframe}`;
}

/** Index of the first level that is not below `level`. */
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
