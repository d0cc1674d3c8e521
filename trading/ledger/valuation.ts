import { Decimal } from 'decimal.js';

/** What a pipeline holds of a symbol, as stored: exact decimals as strings. */
export interface Holding {
  pipelineId: string;
  symbol: string;
  quantity: string;
  averagePrice: string;
  realisedPnlUsd: string;
}

export interface ValuedHolding extends Holding {
  /** Absent when no bar of the symbol was seen yet: then valued at what it cost. */
  lastPrice: Decimal | undefined;
  valueUsd: Decimal;
  unrealisedPnlUsd: Decimal;
  pnlUsd: Decimal;
}

/** The last price of a symbol, or undefined. */
export type PriceOf = (symbol: string) => Decimal | undefined;

export interface PortfolioValue {
  cashUsd: Decimal;
  totalValueUsd: Decimal;
  /** Never below the stored one: raised when the total exceeds it. */
  peakValueUsd: Decimal;
  /** Fall from the peak, 0 to 1. */
  drawdownRatio: Decimal;
  realisedPnlUsd: Decimal;
  unrealisedPnlUsd: Decimal;
  holdings: ValuedHolding[];
}

const ZERO = new Decimal(0);

export function valueHolding(holding: Holding, priceOf: PriceOf): ValuedHolding {
  const quantity = new Decimal(holding.quantity);
  const averagePrice = new Decimal(holding.averagePrice);
  const lastPrice = priceOf(holding.symbol);
  const valueUsd = quantity.mul(lastPrice ?? averagePrice);
  const unrealisedPnlUsd = valueUsd.sub(quantity.mul(averagePrice));
  return { ...holding, lastPrice, valueUsd, unrealisedPnlUsd, pnlUsd: unrealisedPnlUsd.add(holding.realisedPnlUsd) };
}

/** Values cash and holdings that were read at one moment. */
export function valuePortfolio(
  portfolio: { cashUsd: string; peakValueUsd: string; holdings: readonly Holding[] },
  priceOf: PriceOf,
): PortfolioValue {
  const cashUsd = new Decimal(portfolio.cashUsd);
  const holdings = portfolio.holdings.map((holding) => valueHolding(holding, priceOf));
  const totalValueUsd = cashUsd.add(sumOf(holdings, (holding) => holding.valueUsd));
  const peakValueUsd = Decimal.max(portfolio.peakValueUsd, totalValueUsd);
  const fall = peakValueUsd.gt(0) ? peakValueUsd.sub(totalValueUsd).div(peakValueUsd) : ZERO;
  return {
    cashUsd,
    totalValueUsd,
    peakValueUsd,
    drawdownRatio: Decimal.min(fall, 1),
    realisedPnlUsd: sumOf(holdings, (holding) => new Decimal(holding.realisedPnlUsd)),
    unrealisedPnlUsd: sumOf(holdings, (holding) => holding.unrealisedPnlUsd),
    holdings,
  };
}

export function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => Decimal): Decimal {
  return items.reduce((sum, item) => sum.add(amountOf(item)), ZERO);
}

/** Money as the API shows it: plain digits, never an exponent. */
export function formatMoney(amount: Decimal.Value): string {
  return new Decimal(amount).toFixed();
}

/** Holdings that are held now, counted by symbol. */
export function countOpenPositions(holdings: readonly Holding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { symbol, quantity } of holdings) {
    if (new Decimal(quantity).gt(0)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  return counts;
}
