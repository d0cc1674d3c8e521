import { Decimal } from 'decimal.js';

/**
 * The only decimal type for money and quantities. Sums and products of prices and quantities keep every digit, and the
 * string form never has an exponent. Only a division rounds, to 60 digits; callers round its result further before they
 * store it.
 */
export const Exact = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, rounding: Decimal.ROUND_HALF_EVEN });
export type Exact = Decimal;
/** A value from which an Exact can be created: an Exact, a decimal string, or a number. */
export type ExactValue = Decimal.Value;

/** Digits after the decimal point of an order's quantity and of a fee in USD. */
export const QUANTITY_DIGITS = 8;
export const FEE_DIGITS = 8;
/**
 * Digits after the decimal point of an average price. Rounding at this digit changes no amount in USD that users see.
 */
export const AVERAGE_DIGITS = 18;

export function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => ExactValue): Exact {
  return items.reduce((sum, item) => sum.add(amountOf(item)), new Exact(0));
}

/** Formats money as the API shows it: without an exponent and without trailing zeros. */
export function formatMoney(amount: ExactValue): string {
  return new Exact(amount).toFixed();
}
