import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBars } from '../../services/signal-generator/domain/parse-bars.ts';
import { replayBar } from '../../services/signal-generator/domain/replay-bar.ts';
import type { Series } from '../market/series.ts';
import type { SignalDraft } from '../signals/signal-draft.ts';
import { createGenerators } from './create-generators.ts';

type Found = Record<'up' | 'down', string[]>;
type Fixture = Record<string, Record<'crosses' | 'macd' | 'rsi' | 'bollinger', Found>>;

/** Worked out by pandas: testdata/make_crosses.py. */
const expected = JSON.parse(readFileSync(new URL('./testdata/crosses.json', import.meta.url), 'utf8')) as Fixture;

const market = { GOOG: '1d', EURUSD: '1h', BTCUSD: '1M' } as const;

function readSeries(symbol: keyof typeof market): Series {
  const timeframe = market[symbol];
  const file = `${symbol}-${timeframe}.csv`;
  const text = readFileSync(new URL(`../../services/signal-generator/data/${file}`, import.meta.url), 'utf8');
  return { symbol, timeframe, bars: parseBars(text, file) };
}

function draftsOf(series: Series, bars = series.bars.length): { time: string; draft: SignalDraft }[] {
  const generators = createGenerators();
  return Array.from({ length: bars }, (_, sequence) => replayBar(series, sequence)).flatMap((bar) =>
    generators.flatMap((generator) => {
      const draft = generator.update(bar);
      return draft ? [{ time: bar.open_time, draft }] : [];
    }),
  );
}

describe.each(Object.keys(market) as (keyof typeof market)[])('signals of %s on the dates pandas gives', (symbol) => {
  const drafts = draftsOf(readSeries(symbol));
  const dates = (types: string[], direction: string) =>
    drafts.filter(({ draft }) => types.includes(draft.type) && draft.direction === direction).map(({ time }) => time);

  it.each([
    ['crosses', ['golden_cross', 'death_cross']],
    ['macd', ['macd']],
    ['rsi', ['rsi']],
    ['bollinger', ['bollinger']],
  ] as const)('%s', (kind, types) => {
    expect({ up: dates([...types], 'BULLISH'), down: dates([...types], 'BEARISH') }).toEqual(expected[symbol]?.[kind]);
  });
});

describe('the golden and death crosses of GOOG', () => {
  const drafts = draftsOf(readSeries('GOOG')).map(({ draft }) => draft);

  it('are named by their direction and say the averages they were read from', () => {
    for (const { type, direction, indicators } of drafts.filter(({ type }) => type.endsWith('_cross'))) {
      const golden = (indicators.sma_50 ?? 0) > (indicators.sma_200 ?? 0);
      expect([type, direction]).toEqual(golden ? ['golden_cross', 'BULLISH'] : ['death_cross', 'BEARISH']);
    }
  });

  it('have confidences from 50 to 100 that differ, as those of every kind do', () => {
    for (const kind of ['golden_cross', 'death_cross', 'rsi', 'macd', 'bollinger']) {
      const values = drafts.filter(({ type }) => type === kind).map(({ confidence }) => confidence);
      expect(Math.min(...values), kind).toBeGreaterThanOrEqual(50);
      expect(Math.max(...values), kind).toBeLessThanOrEqual(100);
      expect(new Set(values).size, kind).toBeGreaterThan(2);
    }
  });
});

describe('generators', () => {
  it('say which type the next bar could bring', () => {
    const [cross] = createGenerators();
    const series = readSeries('GOOG');
    for (let sequence = 0; sequence < series.bars.length; sequence += 1) {
      const awaited = cross?.awaits();
      const draft = cross?.update(replayBar(series, sequence));
      if (draft) expect(draft.type).toBe(awaited);
    }
  });

  it('say nothing about a market that does not move', () => {
    const bars = Array.from({ length: 600 }, (_, index) => ({
      time: index,
      open: 5,
      high: 5,
      low: 5,
      close: 5,
      volume: 1,
    }));
    expect(draftsOf({ symbol: 'FLAT', timeframe: '1m', bars })).toEqual([]);
  });
});
