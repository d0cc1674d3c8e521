import { Decimal } from 'decimal.js';

/**
 * Decimal numbers for money and quantities: a price times a quantity, and a sum of them, keep every digit, and text is
 * never in exponents. Only a division rounds, at the 60th digit; what it gives is rounded further where it is stored.
 */
export const Exact = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, rounding: Decimal.ROUND_HALF_EVEN });
export type Exact = Decimal;

/** Digits after the point of an order's quantity, and of a fee in USD. */
export const QUANTITY_DIGITS = 8;
export const FEE_DIGITS = 8;
/** Digits after the point of an average price: the rest of a division, too small to matter in any sum of USD. */
export const AVERAGE_DIGITS = 18;
