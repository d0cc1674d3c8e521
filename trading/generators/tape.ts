/** The tape of one symbol: its bars as an endless replay, and all generators, which have seen every bar so far. */
import { type ClosedBar, REPLAY, type Series, type SourceBar } from '../market/bar.ts';
import type { SignalDraft } from '../signals/signal.ts';
import type { GeneratorName, SignalType } from '../signals/signal-types.gen.ts';
import { bollinger } from './bollinger.ts';
import { macd } from './macd.ts';
import { mock } from './mock.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rsi } from './rsi.ts';

/**
 * All generators, in the order in which docs, CRD and error messages list them. To add a generator: write its file, add
 * it here, write its test, run `make generate`. This command writes signals/signal-types.gen.ts, from which the label
 * values, the CRD's enum and the docs derive. Code that needs only the names imports signal-types.gen.ts, because
 * tape.ts loads the package of indicators.
 */
export const generators = [movingAverageCross, rsi, macd, bollinger, mock] as const;

/** A generator at work on one symbol. */
export interface Generator {
  readonly name: GeneratorName;
  /** Returns the type of signal that the next bar can produce. */
  awaits(): SignalType;
  /**
   * Processes the next bar. Returns a draft of a signal if the generator's event happens on this bar, else undefined.
   */
  update(bar: ClosedBar): SignalDraft<SignalType> | undefined;
}

export interface GeneratorOptions {
  /** Seed of the generator `mock`. If it is absent, that generator does not run. */
  readonly mockSeed?: number | undefined;
}

/** Lists the types of signals that the generators of these options can emit. */
export function listSignalTypes(options: GeneratorOptions): string[] {
  return chooseGenerators(options).flatMap(({ signals }) => Object.keys(signals));
}

/** Returns a new instance of every generator of these options, for the bars of one symbol. */
export function createGenerators(options: GeneratorOptions = {}): Generator[] {
  // If this line has a type error, the generated list of names is out of date: run `make generate`.
  return chooseGenerators(options).map(({ name, create }) => ({ name, ...create(options.mockSeed ?? 0) }));
}

function chooseGenerators({ mockSeed }: GeneratorOptions) {
  return generators.filter(({ name }) => name !== mock.name || mockSeed !== undefined);
}

/**
 * Number of bars after which new generators have the same state as generators that processed every bar. The 26-bar
 * exponential average has the longest memory. After 5,000 bars, everything before them has a weight of (25/27)^5000,
 * which is too small to change a double.
 */
const WARM_BARS = 5_000;

export interface Tape {
  readonly series: Series;
  readonly generators: readonly Generator[];
  /** Sequence number of the next bar, from 0. */
  readonly next: number;
  /** True when no bar is left. Never true for a tape that loops. */
  readonly ended: boolean;
  /** Returns the next bar. @throws RangeError if no bar is left */
  take(): ClosedBar;
}

/**
 * @param start sequence number of the first bar that the tape returns. Earlier bars only bring the generators up to
 * date; signals on these bars are dropped
 * @param loop whether the tape continues after the end of the data
 */
export function createTape(
  series: Series,
  { start, loop, ...options }: { start: number; loop: boolean } & GeneratorOptions,
): Tape {
  const end = loop ? Number.POSITIVE_INFINITY : series.bars.length;
  const watching = createGenerators(options);
  for (let sequence = Math.max(0, start - WARM_BARS); sequence < Math.min(start, end); sequence += 1) {
    const bar = replayBar(series, sequence);
    for (const generator of watching) generator.update(bar);
  }
  let next = start;
  return {
    series,
    generators: watching,
    get next() {
      return next;
    },
    get ended() {
      return next >= end;
    },
    take() {
      if (next >= end) throw new RangeError(`the replay of ${series.symbol} has ended: no bar ${next}`);
      next += 1;
      return replayBar(series, next - 1);
    },
  };
}

/** Distance between the times of two bars after the first lap. A lap is one pass through the data. */
const LATER_STEP_MS = 1_000;

/**
 * Returns the bar with this sequence number in an endless replay. The first lap is the data as it is. Every second lap
 * is mirrored: the last bar comes first, and open and close are swapped. So each lap opens at the price at which the
 * lap before it closed, and prices never jump.
 *
 * Each bar has a later time than the bar before. After the first lap, bars are a second apart, whatever the timeframe.
 * If they were a month apart, a replay of ten bars a second would reach the year 9999, the last that databases can
 * store, in three hours.
 */
export function replayBar(series: Series, sequence: number): ClosedBar {
  const { symbol, timeframe, bars } = series;
  const lap = Math.floor(sequence / bars.length);
  const position = sequence % bars.length;
  const mirrored = lap % 2 === 1;
  const { open, high, low, close, volume } = sourceBar(series, mirrored ? bars.length - 1 - position : position);
  return {
    symbol,
    timeframe,
    source: REPLAY,
    open_time: new Date(barTime(series, sequence)).toISOString(),
    sequence,
    open: mirrored ? close : open,
    high,
    low,
    close: mirrored ? open : close,
    volume,
  };
}

function barTime(series: Series, sequence: number): number {
  const last = series.bars.length - 1;
  if (sequence <= last) return sourceBar(series, sequence).time;
  return sourceBar(series, last).time + (sequence - last) * LATER_STEP_MS;
}

function sourceBar({ bars, symbol }: Series, index: number): SourceBar {
  const bar = bars[index];
  if (!bar) throw new RangeError(`${symbol} has no bar ${index}`);
  return bar;
}
