import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeframes } from '../market/bar.ts';
import type { SignalSubscription } from '../pipelines/pipeline.ts';
import type { Signal } from '../signals/signal.ts';
import { signalTypeNames } from '../signals/signal-types.gen.ts';
import { countEntries, DEFAULT_MAX_ENTRIES } from './index-entries.ts';
import { PipelineIndex, type SignalPipeline } from './pipeline-index.ts';

const tickers = ['AAA', 'BBB', 'CCC'];
const types = ['golden_cross', 'rsi', 'macd'] as const;
const frames = ['1h', '1d'] as const;
const levels = [0, 10, 50, 50.5, 99.9, 100];

const subscription: fc.Arbitrary<SignalSubscription> = fc.record(
  { type: fc.constantFrom(...types), timeframe: fc.constantFrom(...frames), minConfidence: fc.constantFrom(...levels) },
  { requiredKeys: ['type', 'minConfidence'] },
);
const pipeline = fc.record({
  pipelineId: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
  tickers: fc.array(fc.constantFrom(...tickers), { minLength: 1, maxLength: 4 }),
  signals: fc.array(subscription, { minLength: 1, maxLength: 5 }),
});
/** A pipeline whose tickers and signals are too many to be entered by pair. Some share all their tickers, some a few. */
const large = fc
  .record({ id: fc.constantFrom('p1', 'p2', 'p3'), from: fc.constantFrom(0, 0, 1, 30), pipeline })
  .map(({ id, from, pipeline: { tickers: some, signals } }) => ({
    pipelineId: id,
    tickers: [...some, ...Array.from({ length: 40 }, (_, index) => `T${from + index}`)],
    signals,
  }));
const change = fc.oneof(
  fc.oneof(pipeline, large).map((upsert) => ({ upsert })),
  fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5').map((remove) => ({ remove })),
);

function signalOf(type: string, timeframe: string, on: [ticker: string, confidence: number][]): Signal {
  return {
    signal_id: 's',
    signal_type: type,
    source: 'replay',
    timestamp: 0,
    tickers: on.map(([ticker, confidence]) => ({ ticker, signal: 'BULLISH', confidence, reasoning: '' })),
    metadata: { timeframe },
  };
}

const signal = fc
  .record({
    type: fc.constantFrom(...types, 'of_a_newer_generator'),
    timeframe: fc.constantFrom(...frames, '1w', '*'),
    on: fc.array(fc.tuple(fc.constantFrom(...tickers, 'T0', 'T35'), fc.constantFrom(...levels, 49.9)), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ type, timeframe, on }) => signalOf(type, timeframe, on));

/** Returns the expected matches, found by a plain scan of all pipelines. */
function scan(pipelines: Iterable<SignalPipeline>, { signal_type, metadata, tickers: on }: Signal): string[] {
  const wants = ({ type, timeframe, minConfidence }: SignalSubscription, confidence: number) =>
    type === signal_type &&
    (timeframe === undefined || timeframe === metadata.timeframe) &&
    minConfidence <= confidence;
  const found = [...pipelines].flatMap(({ pipelineId, tickers: traded, signals }) =>
    on
      .filter(({ ticker, confidence }) => traded.includes(ticker) && signals.some((one) => wants(one, confidence)))
      .map(({ ticker }) => `${pipelineId} ${ticker}`),
  );
  return [...new Set(found)].sort();
}

const matches = (index: PipelineIndex, one: Signal) =>
  index.match(one).map(({ pipelineId, ticker }) => `${pipelineId} ${ticker}`);

describe('PipelineIndex', () => {
  it('finds the same matches as a scan of all pipelines, each once, after any sequence of changes', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 30 }),
        fc.array(signal, { minLength: 1, maxLength: 10 }),
        (changes, signals) => {
          const index = new PipelineIndex();
          const all = new Map<string, SignalPipeline>();
          for (const one of changes) {
            if ('upsert' in one) {
              index.upsert(one.upsert);
              all.set(one.upsert.pipelineId, one.upsert);
            } else {
              index.remove(one.remove);
              all.delete(one.remove);
            }
          }
          expect(index.size).toBe(all.size);
          for (const one of signals) expect(matches(index, one).sort()).toEqual(scan(all.values(), one));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is empty and estimates 0 bytes after every pipeline is removed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pipeline, large)), (pipelines) => {
        const index = new PipelineIndex();
        for (const one of pipelines) index.upsert(one);
        expect(index.estimatedBytes > 0).toBe(pipelines.length > 0);
        for (const { pipelineId } of pipelines) index.remove(pipelineId);
        expect([index.size, index.estimatedBytes, index.room]).toEqual([0, 0, Number.POSITIVE_INFINITY]);
      }),
    );
  });

  it('takes about as long for a signal with 100 times as many pipelines that do not match', () => {
    const small = timeMatches(filled(1_000));
    const large = timeMatches(filled(100_000));
    expect(large).toBeLessThan(small * 20 + 1);
  });
});

describe('the room of the index', () => {
  const signals = subscriptions(50);
  const many = (prefix: string) => Array.from({ length: 1_000 }, (_, index) => `${prefix}${index}`);

  it('is enough for 200 pipelines of 1,000 tickers and 50 signals, which take the sum of both and not the product', () => {
    const index = new PipelineIndex(DEFAULT_MAX_ENTRIES);
    for (let number = 0; number < 200; number += 1) {
      const taken = index.upsert({ pipelineId: `p${number}`, tickers: many(`T${number}-`), signals });
      expect(taken, String(number)).toBe(true);
    }
    expect(index.estimatedBytes).toBeLessThan(60_000_000);
  });

  it('shares equal lists of tickers', () => {
    const [one, two] = [new PipelineIndex(), new PipelineIndex()];
    one.upsert({ pipelineId: 'p1', tickers: many('T'), signals });
    two.upsert({ pipelineId: 'p1', tickers: many('T'), signals });
    two.upsert({ pipelineId: 'p2', tickers: many('T').reverse(), signals });
    expect(two.estimatedBytes - one.estimatedBytes).toBeLessThan(one.estimatedBytes / 100);
  });

  it('ends at the limit: a pipeline that does not fit is left out, and fits when another one is removed', () => {
    const small = { tickers: ['AAA'], signals: subscriptions(1) };
    const index = new PipelineIndex(2 * countEntries(small));
    expect(['p1', 'p2', 'p3'].map((pipelineId) => index.upsert({ pipelineId, ...small }))).toEqual([true, true, false]);
    expect([index.size, index.room]).toEqual([2, 0]);
    expect(index.upsert({ pipelineId: 'p2', ...small })).toBe(true);
    expect(index.upsert({ pipelineId: 'p2', tickers: many('T'), signals })).toBe(false);
    expect(index.upsert({ pipelineId: 'p3', ...small })).toBe(true);
    expect(index.match(signalOf('golden_cross', '1m', [['AAA', 100]])).map(({ pipelineId }) => pipelineId)).toEqual([
      'p1',
      'p3',
    ]);
  });
});

/** Returns different subscriptions, at most one for each type and timeframe. */
function subscriptions(count: number): SignalSubscription[] {
  const all = signalTypeNames.flatMap((type) => [...timeframes, undefined].map((timeframe) => ({ type, timeframe })));
  return all
    .slice(0, count)
    .map(({ type, timeframe }) => ({ type, minConfidence: 0, ...(timeframe && { timeframe }) }));
}

function filled(pipelines: number): PipelineIndex {
  const index = new PipelineIndex();
  for (let number = 0; number < pipelines; number += 1) {
    const minConfidence = number < 10 ? 50 : 90;
    index.upsert({ pipelineId: `p${number}`, tickers: ['AAA'], signals: [{ type: 'rsi', minConfidence }] });
  }
  return index;
}

/** Returns the milliseconds that 20,000 calls of `match` take, each with ten matches. */
function timeMatches(index: PipelineIndex): number {
  const one = signalOf('rsi', '1h', [['AAA', 60]]);
  expect(index.match(one)).toHaveLength(10);
  const began = performance.now();
  for (let round = 0; round < 20_000; round += 1) index.match(one);
  return performance.now() - began;
}
