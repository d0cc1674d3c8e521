import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTape } from '#trading/generators/tape.ts';
import type { SignalDraft } from '#trading/signals/signal.ts';
import { readMarket } from './read-market.ts';

type Found = Record<'up' | 'down', string[]>;
type Fixture = Record<string, Record<'crosses' | 'macd' | 'rsi' | 'bollinger', Found>>;

/** The expected dates, which testdata/make_crosses.py computed with pandas, without our code. */
const expected = JSON.parse(readFileSync(new URL('../testdata/crosses.json', import.meta.url), 'utf8')) as Fixture;

interface Signalled {
  readonly time: string;
  readonly draft: SignalDraft;
}

/** Returns the signal drafts of all generators over the data of a symbol, from the first to the last bar. */
function readDrafts(symbol: string): Signalled[] {
  return readMarket([symbol]).flatMap((series) => {
    const tape = createTape(series, { start: 0, loop: false });
    return Array.from(series.bars, () => tape.take()).flatMap((bar) =>
      tape.generators.flatMap((generator) => {
        const draft = generator.update(bar);
        return draft ? [{ time: bar.open_time, draft }] : [];
      }),
    );
  });
}

describe.each(['GOOG', 'EURUSD', 'BTCUSD'])('%s: signals fall on the dates that pandas computes', (symbol) => {
  const drafts = readDrafts(symbol);
  const dates = (types: readonly string[], direction: string) =>
    drafts.filter(({ draft }) => types.includes(draft.type) && draft.direction === direction).map(({ time }) => time);

  it.each([
    ['crosses', ['golden_cross', 'death_cross']],
    ['macd', ['macd']],
    ['rsi', ['rsi']],
    ['bollinger', ['bollinger']],
  ] as const)('%s', (kind, types) => {
    expect({ up: dates(types, 'BULLISH'), down: dates(types, 'BEARISH') }).toEqual(expected[symbol]?.[kind]);
  });
});
