import { Decimal } from 'decimal.js';

/**
 * The one decimal type for money and quantities. Sums and products of prices and quantities keep every digit, and
 * text never has an exponent. Only a division rounds, at the 60th digit; callers round its result further before they
 * store it.
 */
export const Exact = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, rounding: Decimal.ROUND_HALF_EVEN });
export type Exact = Decimal;
/** Anything an Exact can be made of: an Exact, decimal text, or a number. */
export type ExactValue = Decimal.Value;

/** Digits after the point of an order's quantity, and of a fee in USD. */
export const QUANTITY_DIGITS = 8;
export const FEE_DIGITS = 8;
/** Digits after the point of an average price. Rounding there changes no sum of USD that anybody sees. */
export const AVERAGE_DIGITS = 18;

export function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => ExactValue): Exact {
  return items.reduce((sum, item) => sum.add(amountOf(item)), new Exact(0));
}

/** Money as the API shows it: plain digits, never an exponent, no trailing zeros. */
export function formatMoney(amount: ExactValue): string {
  return new Exact(amount).toFixed();
}
