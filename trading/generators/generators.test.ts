import { describe, expect, it } from 'vitest';
import type { SignalDraft } from '../signals/signal.ts';
import { generatorNames, signalTypeNames } from '../signals/signal-types.gen.ts';
import { createGenerators, createTape, type GeneratorOptions, generators, listSignalTypes, replayBar } from './tape.ts';
import { randomWalk } from './testdata/random-walk.ts';

interface Found {
  readonly generator: string;
  readonly awaited: string;
  readonly draft: SignalDraft;
}

function play(series: ReturnType<typeof randomWalk>, bars: number, options: GeneratorOptions = {}): Found[] {
  const running = createGenerators(options);
  return Array.from({ length: bars }, (_, sequence) => replayBar(series, sequence)).flatMap((bar) =>
    running.flatMap((generator) => {
      const awaited = generator.awaits();
      const draft = generator.update(bar);
      return draft ? [{ generator: generator.name, awaited, draft }] : [];
    }),
  );
}

describe('the list of generators', () => {
  it('has no name and no signal type twice', () => {
    expect(new Set(generatorNames).size).toBe(generators.length);
    const declared = generators.flatMap(({ signals }) => Object.keys(signals));
    expect(declared).toEqual([...new Set(declared)]);
    expect(declared).toEqual(signalTypeNames);
  });

  it('keeps the names and types that users see, in their order', () => {
    expect(generatorNames.slice(0, 4)).toEqual(['moving-average-cross', 'rsi', 'macd', 'bollinger']);
    expect(signalTypeNames.slice(0, 5)).toEqual(['golden_cross', 'death_cross', 'rsi', 'macd', 'bollinger']);
  });
});

describe.each(generators)('$name', ({ name, signals }) => {
  const found = play(randomWalk(2_000), 40_000, { mockSeed: 1 }).filter(({ generator }) => generator === name);

  it('emits the signal types it declares, and only these', () => {
    expect([...new Set(found.map(({ draft }) => draft.type))].sort()).toEqual(Object.keys(signals).sort());
  });

  it('says before each bar which type of signal the bar can produce', () => {
    expect(found.map(({ awaited }) => awaited)).toEqual(found.map(({ draft }) => draft.type));
  });

  it('emits both directions', () => {
    expect([...new Set(found.map(({ draft }) => draft.direction))].sort()).toEqual(['BEARISH', 'BULLISH']);
  });

  it('emits different confidences, from 50 to 100, and names its indicators', () => {
    for (const type of Object.keys(signals)) {
      const drafts = found.map(({ draft }) => draft).filter((draft) => draft.type === type);
      const values = drafts.map(({ confidence }) => confidence);
      expect(Math.min(...values), type).toBeGreaterThanOrEqual(50);
      expect(Math.max(...values), type).toBeLessThanOrEqual(100);
      expect(new Set(values).size, type).toBeGreaterThan(2);
      for (const { indicators } of drafts) expect(Object.values(indicators).every(Number.isFinite), type).toBe(true);
    }
  });
});

describe('generators', () => {
  it('emit nothing while the price does not change', () => {
    const bar = { open: 5, high: 5, low: 5, close: 5, volume: 1 };
    const bars = Array.from({ length: 600 }, (_, time) => ({ time, ...bar }));
    expect(play({ symbol: 'FLAT', timeframe: '1m', bars }, 600)).toEqual([]);
  });

  it('name a cross of averages by its direction, and include the averages', () => {
    const crosses = play(randomWalk(2_000), 40_000).filter(({ generator }) => generator === 'moving-average-cross');
    expect(crosses.length).toBeGreaterThan(20);
    for (const { draft } of crosses) {
      const golden = (draft.indicators.sma_50 ?? 0) > (draft.indicators.sma_200 ?? 0);
      expect([draft.type, draft.direction]).toEqual(golden ? ['golden_cross', 'BULLISH'] : ['death_cross', 'BEARISH']);
    }
  });
});

describe('the generator mock', () => {
  const walk = randomWalk(2_000);
  const mocks = (seed?: number) =>
    play(walk, 4_000, { mockSeed: seed }).filter(({ generator }) => generator === 'mock');

  it('does not run unless it is asked for', () => {
    expect(mocks()).toEqual([]);
    expect(listSignalTypes({})).not.toContain('mock');
    expect(listSignalTypes({ mockSeed: 0 })).toContain('mock');
  });

  it('emits on about every twentieth bar, the same with the same seed, others with another', () => {
    expect(mocks(7).length / 4_000).toBeCloseTo(0.05, 1.5);
    expect(mocks(7)).toEqual(mocks(7));
    expect(mocks(8)).not.toEqual(mocks(7));
  });

  it('emits the same after a restart in the middle, because it remembers nothing', () => {
    const drafts = (from: number) => {
      const tape = createTape(walk, { start: from, loop: true, mockSeed: 3 });
      return Array.from({ length: 4_000 - from }, () => tape.take()).flatMap((bar) =>
        tape.generators.flatMap((generator) => {
          const draft = generator.update(bar);
          return draft?.type === 'mock' ? [`${bar.open_time} ${draft.direction} ${draft.confidence}`] : [];
        }),
      );
    };
    expect(drafts(2_500).length).toBeGreaterThan(40);
    expect(drafts(2_500)).toEqual(drafts(0).slice(-drafts(2_500).length));
  });
});
