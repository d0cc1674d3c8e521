/**
 * The list of all generators. To add one: write its file, add its line here, write its test, run `make generate`. That
 * writes signals/signal-types.gen.ts, from which the label values, the CRD's enum and the docs derive. Code that needs
 * only names imports that file: this one loads the package of indicators.
 */
import type { ClosedBar } from '../market/bar.ts';
import type { SignalDraft } from '../signals/signal.ts';
import type { GeneratorName, SignalType } from '../signals/signal-types.gen.ts';
import { bollinger } from './bollinger.ts';
import { macd } from './macd.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rsi } from './rsi.ts';

/** The order is the order of the values in docs, CRD and error messages. */
export const generators = [movingAverageCross, rsi, macd, bollinger] as const;

/** A generator at work on one symbol. */
export interface Generator {
  readonly name: GeneratorName;
  /** The type of signal the next bar can bring. */
  awaits(): SignalType;
  /** Takes the next bar. Returns a draft on the bar where the event happens, and undefined on all others. */
  update(bar: ClosedBar): SignalDraft<SignalType> | undefined;
}

/** Returns a new instance of every generator, for the bars of one symbol. */
export function createGenerators(): Generator[] {
  // A type error here: the list of names is old, run `make generate`.
  return generators.map(({ name, create }) => ({ name, ...create() }));
}
