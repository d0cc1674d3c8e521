/**
 * The list of all generators. To add one, write its file and its test, add it to the list here, and run `make
 * generate`. That writes signals/signal-types.gen.ts, from which the label values, the CRD's enum and the docs are
 * derived. Code that needs only names imports signal-types.gen.ts, because this file loads the indicator package.
 */
import type { ClosedBar } from '../market/bar.ts';
import type { SignalDraft } from '../signals/signal.ts';
import type { GeneratorName, SignalType } from '../signals/signal-types.gen.ts';
import { bollinger } from './bollinger.ts';
import { macd } from './macd.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rsi } from './rsi.ts';

/** Docs, CRD and error messages list the signal types in this order. */
export const generators = [movingAverageCross, rsi, macd, bollinger] as const;

/** An instance of a generator, for the bars of one symbol. */
export interface Generator {
  readonly name: GeneratorName;
  /** Returns the type of signal that the next bar can produce. */
  awaits(): SignalType;
  /** Processes the next bar. Returns a draft of a signal if the event happens on this bar, else undefined. */
  update(bar: ClosedBar): SignalDraft<SignalType> | undefined;
}

/** Returns a new instance of every generator, for the bars of one symbol. */
export function createGenerators(): Generator[] {
  // If there is a type error here, signal-types.gen.ts is out of date: run `make generate`.
  return generators.map(({ name, create }) => ({ name, ...create() }));
}
