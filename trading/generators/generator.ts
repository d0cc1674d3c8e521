/** The declaration of a generator, and the calculations that generators share. */
import { SMA } from 'trading-signals';
import type { ClosedBar } from '../market/bar.ts';
import type { SignalDraft } from '../signals/signal.ts';

/** Receives the bars of one symbol in order, and finds signals. The same bars always produce the same signals. */
interface BarWatcher<Type extends string = string> {
  /** Returns the type of signal that the next bar can produce. */
  awaits(): Type;
  /** Processes the next bar. Returns a draft of a signal if the watched event happens on this bar, else undefined. */
  update(bar: ClosedBar): SignalDraft<Type> | undefined;
}

interface GeneratorDeclaration<Name extends string, Type extends string> {
  /** Value of the label `generator`, and part of the ids of the generator's signals. Never rename a generator. */
  readonly name: Name;
  /** The signal types that the generator emits, each with its meaning. */
  readonly signals: Readonly<Record<Type, string>>;
  /**
   * Creates a watcher for the bars of one symbol.
   * @param seed makes the generator's randomness repeatable; generators without randomness ignore it
   */
  readonly create: (seed: number) => BarWatcher<NoInfer<Type>>;
}

/** Returns the declaration unchanged. The compiler checks that the watcher emits only the declared signal types. */
export function declareGenerator<const Name extends string, const Type extends string>(
  declaration: GeneratorDeclaration<Name, Type>,
): GeneratorDeclaration<Name, Type> {
  return declaration;
}

/**
 * Returns the confidence of a signal with one decimal: 50 at strength 0, 100 at strength 1 and above, linear in
 * between.
 * @param strength how clear the event is; 0 or more
 */
export function confidenceOf(strength: number): number {
  return Math.round(10 * (50 + 50 * Math.min(1, Math.max(0, strength)))) / 10;
}

/** Formats a price or an indicator for a sentence, with about five significant digits. */
export function inWords(value: number): string {
  const text = Number(value.toPrecision(5));
  return Math.abs(text) >= 1 || text === 0 ? String(text) : value.toPrecision(4);
}

/**
 * The mean absolute change from close to close over the last bars. Generators measure distances in multiples of it, so
 * that a confidence means the same at any price level.
 */
export class TypicalMove {
  readonly #mean: SMA;
  #previous: number | undefined;

  constructor(bars: number) {
    this.#mean = new SMA(bars);
  }

  /** Processes the next close and returns the mean. Returns undefined until there are enough closes. */
  update(close: number): number | undefined {
    const previous = this.#previous;
    this.#previous = close;
    if (previous === undefined) return undefined;
    return this.#mean.add(Math.abs(close - previous)) ?? undefined;
  }
}
