/** What a generator declares, and the measures that generators share. */
import { SMA } from 'trading-signals';
import type { ClosedBar } from '../market/bar.ts';
import type { SignalDraft } from '../signals/signal.ts';

/** Watches the bars of one symbol, in order. The same bars always give the same signals. */
interface BarWatcher<Type extends string = string> {
  /** The type of signal the next bar can bring. */
  awaits(): Type;
  /** Takes the next bar. Returns a draft on the bar where the event happens, and undefined on all others. */
  update(bar: ClosedBar): SignalDraft<Type> | undefined;
}

interface GeneratorDeclaration<Name extends string, Type extends string> {
  /** Value of the label `generator`, and part of the ids of its signals: never rename one. */
  readonly name: Name;
  /** The signal types it emits, each with its meaning. */
  readonly signals: Readonly<Record<Type, string>>;
  /** Makes a watcher for the bars of one symbol. */
  readonly create: () => BarWatcher<NoInfer<Type>>;
}

/** Ties the name and the signal types of a generator to its watcher's types. */
export function declareGenerator<const Name extends string, const Type extends string>(
  declaration: GeneratorDeclaration<Name, Type>,
): GeneratorDeclaration<Name, Type> {
  return declaration;
}

/**
 * Returns the confidence of a signal, 50 to 100 with one decimal: 50 at strength 0, 100 from strength 1 on, linear
 * between.
 * @param strength how clear the event is
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
 * The mean absolute move from close to close over the last bars. Generators measure distances in it, so that a
 * confidence means the same at any price level.
 */
export class TypicalMove {
  readonly #mean: SMA;
  #previous: number | undefined;

  constructor(bars: number) {
    this.#mean = new SMA(bars);
  }

  /** Returns undefined until it has seen enough closes. */
  update(close: number): number | undefined {
    const previous = this.#previous;
    this.#previous = close;
    if (previous === undefined) return undefined;
    return this.#mean.add(Math.abs(close - previous)) ?? undefined;
  }
}
