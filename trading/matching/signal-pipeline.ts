import { pipelineSchema, type SignalSubscription } from '../pipelines/pipeline.ts';

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

/** The timeframe of a subscription that accepts every timeframe. */
export const ANY = '*';

/** A signal that a pipeline waits for: type and timeframe, joined by `keyOf`, and the minimum confidence. */
export type Level = readonly [key: string, minConfidence: number];

/**
 * Returns the signals that a pipeline waits for. If the pipeline has several subscriptions to the same type and timeframe,
 * only the lowest minimum confidence counts.
 */
export function levelsOf({ signals }: SignalPipeline): Level[] {
  const least = new Map<string, number>();
  for (const { type, timeframe = ANY, minConfidence } of signals) {
    const joined = keyOf(type, timeframe);
    const key = getOrPut(sharedKeys, joined, () => joined);
    least.set(key, Math.min(minConfidence, least.get(key) ?? minConfidence));
  }
  return [...least];
}

/** One string for each type and timeframe, so that the entries of all pipelines share it. The schema bounds their number. */
const sharedKeys = new Map<string, string>();

/** Joins type and timeframe with a space. Types of pipelines contain no space, so the key is unambiguous. */
export function keyOf(type: string, timeframe: string): string {
  return `${type} ${timeframe}`;
}

/** Returns the value of a key. If the map does not have the key, adds the value that `make` returns. */
export function getOrPut<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = make();
  map.set(key, made);
  return made;
}
