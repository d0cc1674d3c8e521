import { AVERAGE_DIGITS, Exact, FEE_DIGITS } from '../money.ts';
import type { OrderSide } from '../orders/order.ts';

/** Computes how a fill changes cash and a position. */

/** The cash of the portfolio and one position. */
export interface Balance {
  cashUsd: Exact;
  quantity: Exact;
  /** Average cost of one unit, including the fees of the purchases. */
  averagePrice: Exact;
  realisedPnlUsd: Exact;
}

interface FilledOrder {
  side: OrderSide;
  quantity: Exact;
  price: Exact;
  feeUsd: Exact;
}

interface Fill {
  after: Balance;
  /**
   * Profit of this order: for a sale, the proceeds less the fee and the cost of the sold quantity; 0 for a purchase.
   */
  realisedPnlUsd: Exact;
}

/** Returns the fee of an order in USD, rounded up to FEE_DIGITS. */
export function computeFee(quantity: Exact, price: Exact, feeBasisPoints: number): Exact {
  return quantity.mul(price).mul(feeBasisPoints).div(10_000).toDecimalPlaces(FEE_DIGITS, Exact.ROUND_UP);
}

/**
 * Returns the balance after a fill. The fee of a purchase is part of the cost, the fee of a sale lowers the profit. So
 * cash plus the cost of all positions always equals the initial cash plus all realised profit.
 */
export function applyFill(before: Balance, order: FilledOrder): Fill {
  return order.side === 'buy' ? buildPurchase(before, order) : buildSale(before, order);
}

function buildPurchase(before: Balance, { quantity, price, feeUsd }: FilledOrder): Fill {
  const cost = quantity.mul(price).add(feeUsd);
  const held = before.quantity.add(quantity);
  const averagePrice = before.quantity.mul(before.averagePrice).add(cost).div(held).toDecimalPlaces(AVERAGE_DIGITS);
  return {
    after: { cashUsd: before.cashUsd.sub(cost), quantity: held, averagePrice, realisedPnlUsd: before.realisedPnlUsd },
    realisedPnlUsd: new Exact(0),
  };
}

function buildSale(before: Balance, { quantity, price, feeUsd }: FilledOrder): Fill {
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
