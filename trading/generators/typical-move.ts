import { SMA } from 'trading-signals';

/** The mean absolute move from close to close over the last bars: what a price of any size is measured in. */
export class TypicalMove {
  readonly #mean: SMA;
  #previous: number | undefined;

  constructor(bars: number) {
    this.#mean = new SMA(bars);
  }

  /** Gives nothing until it has seen enough closes. */
  update(close: number): number | undefined {
    const previous = this.#previous;
    this.#previous = close;
    if (previous === undefined) return undefined;
    return this.#mean.add(Math.abs(close - previous)) ?? undefined;
  }
}
