import { AVERAGE_DIGITS, Exact, FEE_DIGITS } from '../money.ts';

export interface Holding {
  cashUsd: Exact;
  quantity: Exact;
  /** Cost of one, fees of the purchases included. */
  averagePrice: Exact;
  realisedPnlUsd: Exact;
}

export interface FilledOrder {
  side: 'buy' | 'sell';
  quantity: Exact;
  price: Exact;
  feeUsd: Exact;
}

export interface Fill {
  after: Holding;
  /** Of this order: what a sale brought, its fee taken off, above the cost of what was sold; 0 for a purchase. */
  realisedPnlUsd: Exact;
}

/** The fee of an order, in USD, rounded up to FEE_DIGITS. */
export function computeFee(quantity: Exact, price: Exact, feeBasisPoints: number): Exact {
  return quantity.mul(price).mul(feeBasisPoints).div(10_000).toDecimalPlaces(FEE_DIGITS, Exact.ROUND_UP);
}

/**
 * What a holding is after an order was filled. Fees of purchases are part of the cost and fees of sales lower the
 * profit, so that cash plus the cost of all positions is the first cash plus all realised profit.
 */
export function buildFill(before: Holding, order: FilledOrder): Fill {
  return order.side === 'buy' ? buildPurchase(before, order) : buildSale(before, order);
}

function buildPurchase(before: Holding, { quantity, price, feeUsd }: FilledOrder): Fill {
  const cost = quantity.mul(price).add(feeUsd);
  const held = before.quantity.add(quantity);
  const averagePrice = before.quantity.mul(before.averagePrice).add(cost).div(held).toDecimalPlaces(AVERAGE_DIGITS);
  return {
    after: { cashUsd: before.cashUsd.sub(cost), quantity: held, averagePrice, realisedPnlUsd: before.realisedPnlUsd },
    realisedPnlUsd: new Exact(0),
  };
}

function buildSale(before: Holding, { quantity, price, feeUsd }: FilledOrder): Fill {
  const proceeds = quantity.mul(price).sub(feeUsd);
  const realised = proceeds.sub(quantity.mul(before.averagePrice));
  const left = before.quantity.sub(quantity);
  return {
    after: {
      cashUsd: before.cashUsd.add(proceeds),
      quantity: left,
      averagePrice: left.isZero() ? new Exact(0) : before.averagePrice,
      realisedPnlUsd: before.realisedPnlUsd.add(realised),
    },
    realisedPnlUsd: realised,
  };
}
