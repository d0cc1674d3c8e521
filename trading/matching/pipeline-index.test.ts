import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignalSubscription } from '../pipelines/pipeline.ts';
import type { Signal } from '../signals/signal.ts';
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
const change = fc.oneof(
  pipeline.map((upsert) => ({ upsert })),
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
    on: fc.array(fc.tuple(fc.constantFrom(...tickers), fc.constantFrom(...levels, 49.9)), {
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
      fc.property(fc.array(pipeline), (pipelines) => {
        const index = new PipelineIndex();
        for (const one of pipelines) index.upsert(one);
        expect(index.estimatedBytes > 0).toBe(pipelines.length > 0);
        for (const { pipelineId } of pipelines) index.remove(pipelineId);
        expect([index.size, index.estimatedBytes]).toEqual([0, 0]);
      }),
    );
  });

  it('takes about as long for a signal with 100 times as many pipelines that do not match', () => {
    const small = timeMatches(filled(1_000));
    const large = timeMatches(filled(100_000));
    expect(large).toBeLessThan(small * 20 + 1);
  });
});

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
