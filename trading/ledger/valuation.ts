import { Exact, sumOf } from '../money.ts';

/** The stored position of a pipeline in a symbol. Numbers are exact decimals as strings. */
export interface Holding {
  pipelineId: string;
  symbol: string;
  quantity: string;
  averagePrice: string;
  realisedPnlUsd: string;
}

export interface ValuedHolding extends Holding {
  /** Last price of the symbol; undefined if there is no bar of the symbol yet. The position is then valued at cost. */
  lastPrice: Exact | undefined;
  valueUsd: Exact;
  unrealisedPnlUsd: Exact;
  pnlUsd: Exact;
}

/** Returns the last price of a symbol, or undefined if there is none. */
export type PriceOf = (symbol: string) => Exact | undefined;

export interface PortfolioValue {
  cashUsd: Exact;
  totalValueUsd: Exact;
  /** The larger of the stored peak and the total value. */
  peakValueUsd: Exact;
  /** Fall of the total value from the peak, as a share of the peak, 0 to 1. */
  drawdownRatio: Exact;
  realisedPnlUsd: Exact;
  unrealisedPnlUsd: Exact;
  holdings: ValuedHolding[];
}

export function valueHolding(holding: Holding, priceOf: PriceOf): ValuedHolding {
  const quantity = new Exact(holding.quantity);
  const averagePrice = new Exact(holding.averagePrice);
  const lastPrice = priceOf(holding.symbol);
  const valueUsd = quantity.mul(lastPrice ?? averagePrice);
  const unrealisedPnlUsd = valueUsd.sub(quantity.mul(averagePrice));
  return { ...holding, lastPrice, valueUsd, unrealisedPnlUsd, pnlUsd: unrealisedPnlUsd.add(holding.realisedPnlUsd) };
}

/** Values cash and holdings. Both must have been read in one SQL statement, so that they match. */
export function valuePortfolio(
  portfolio: { cashUsd: string; peakValueUsd: string; holdings: readonly Holding[] },
  priceOf: PriceOf,
): PortfolioValue {
  const cashUsd = new Exact(portfolio.cashUsd);
  const holdings = portfolio.holdings.map((holding) => valueHolding(holding, priceOf));
  const totalValueUsd = cashUsd.add(sumOf(holdings, (holding) => holding.valueUsd));
  const peakValueUsd = Exact.max(portfolio.peakValueUsd, totalValueUsd);
  const fall = peakValueUsd.gt(0) ? peakValueUsd.sub(totalValueUsd).div(peakValueUsd) : new Exact(0);
  return {
    cashUsd,
    totalValueUsd,
    peakValueUsd,
    drawdownRatio: Exact.min(fall, 1),
    realisedPnlUsd: sumOf(holdings, (holding) => holding.realisedPnlUsd),
    unrealisedPnlUsd: sumOf(holdings, (holding) => holding.unrealisedPnlUsd),
    holdings,
  };
}

/** Returns the number of open positions (quantity above 0) of each symbol, without symbols that have none. */
export function countOpenPositions(holdings: readonly Holding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { symbol, quantity } of holdings) {
    if (new Exact(quantity).gt(0)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  return counts;
}
