import { describe, expect, it } from 'vitest';
import type { Emitted } from '../signals/emitted.ts';
import { signalTypeNames } from '../signals/signal-types.gen.ts';
import { judgeTrigger, MOST_WARNINGS } from './judge-trigger.ts';
import { pipelineSchema } from './pipeline.ts';

const types = [...signalTypeNames];
const emitted: Emitted = {
  series: [
    { symbol: 'BTCUSD', timeframe: '1M', types },
    { symbol: 'EURUSD', timeframe: '1h', types },
    { symbol: 'GOOG', timeframe: '1d', types },
  ],
  complete: true,
  declared: true,
  watched_seconds: 600,
};

const judge = (signals: readonly object[], tickers: readonly string[], change: Partial<Emitted> = {}) => {
  const pipeline = pipelineSchema.parse({ trigger: { mode: 'signal', signals }, tickers });
  return judgeTrigger(pipeline, { ...emitted, ...change });
};

describe('judgeTrigger', () => {
  it.each([
    ['a timeframe that is emitted', [{ type: 'macd', timeframe: '1h' }], ['EURUSD']],
    ['any timeframe', [{ type: 'rsi' }], ['BTCUSD', 'EURUSD', 'GOOG']],
    [
      'one of several subscriptions for each ticker',
      [
        { type: 'macd', timeframe: '1h' },
        { type: 'rsi', timeframe: '1d' },
      ],
      ['EURUSD', 'GOOG'],
    ],
  ])('has nothing to say about %s', (_what, signals, tickers) => {
    expect(judge(signals, tickers)).toEqual([]);
  });

  it('names a ticker that nobody emits with the nearest, and a timeframe that nobody emits with what there is', () => {
    expect(judge([{ type: 'macd', timeframe: '5m' }], ['BTCUSDT', 'EURUSD'])).toEqual([
      {
        path: ['tickers', 0],
        code: 'never-seen',
        message: 'nothing emits BTCUSDT; the nearest is BTCUSD; emitted is BTCUSD 1M, EURUSD 1h, GOOG 1d',
      },
      {
        path: ['tickers', 1],
        code: 'never-seen',
        message: `nothing emits macd 5m of EURUSD; it has 1h (${types.join(', ')})`,
      },
      {
        path: ['trigger', 'signals', 0],
        code: 'never-seen',
        message: 'nothing emits macd 5m of any ticker here; there is EURUSD 1h',
      },
    ]);
  });

  it('names a type that no generator emits', () => {
    const series = emitted.series.map((one) => ({ ...one, types: types.filter((type) => type !== 'macd') }));
    expect(judge([{ type: 'macd' }, { type: 'rsi' }], ['GOOG'], { series })).toMatchObject([
      { path: ['trigger', 'signals', 0], message: 'nothing emits macd of any ticker here; there is GOOG 1d' },
    ]);
  });

  it.each([
    ['a platform that has just started', { watched_seconds: 100 }, 'not-seen-yet'],
    ['a platform that has seen nothing', { watched_seconds: 1e9, series: [] as Emitted['series'] }, 'not-seen-yet'],
    ['an hourly feed that declares nothing, after ten minutes', { declared: false }, 'not-seen-yet'],
    [
      'an hourly feed that declares nothing, after two hours',
      { declared: false, watched_seconds: 7_200 },
      'never-seen',
    ],
  ] as const)('%s', (_what, change, code) => {
    expect(judge([{ type: 'macd', timeframe: '1h' }], ['XYZ'], change)).toMatchObject([{ path: ['tickers', 0], code }]);
  });

  it('says nothing about a pipeline that a call starts, nor if the list is not complete', () => {
    const manual = pipelineSchema.parse({ trigger: { mode: 'manual' }, tickers: ['XYZ'] });
    expect(judgeTrigger(manual, emitted)).toEqual([]);
    expect(judge([{ type: 'macd' }], ['XYZ'], { complete: false })).toEqual([]);
  });

  it('is bounded, for the largest pipeline and the longest list', () => {
    const series = Array.from({ length: 1_000 }, (_, n) => ({ symbol: `S${n}`, timeframe: '1h', types }));
    const tickers = Array.from({ length: 1_000 }, (_, n) => `T${n}`);
    const signals = Array.from({ length: 50 }, () => ({ type: 'macd', timeframe: '5m' }));
    const warnings = judge(signals, tickers, { series });
    expect(warnings).toHaveLength(MOST_WARNINGS);
    for (const { message } of warnings) expect(message.length).toBeLessThan(600);
    expect(
      judge(
        signals,
        series.map(({ symbol }) => symbol),
        { series },
      ),
    ).toHaveLength(MOST_WARNINGS);
  });
});
