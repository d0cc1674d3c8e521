import { Exact } from '../money.ts';

export interface PricedBar {
  symbol: string;
  openTime: Date;
  close: number;
}

/** The close of the newest bar of each symbol. Bars may arrive in any order and more than once. */
export class LastPrices {
  readonly #bySymbol = new Map<string, { openTime: number; price: Exact }>();

  offer(bars: readonly PricedBar[]): void {
    for (const { symbol, openTime, close } of bars) {
      const known = this.#bySymbol.get(symbol);
      const time = openTime.getTime();
      if (!known || time >= known.openTime) this.#bySymbol.set(symbol, { openTime: time, price: new Exact(close) });
    }
  }

  readonly of = (symbol: string): Exact | undefined => this.#bySymbol.get(symbol)?.price;
}
