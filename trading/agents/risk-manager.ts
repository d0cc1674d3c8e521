import { z } from 'zod';
import { computeFee } from '../ledger/fill.ts';
import {
  checkOrder,
  type ProposedOrder,
  type RefusalCode,
  type RiskLimits,
  type RiskState,
  refusalCodes,
  refusals,
} from '../limits.ts';
import { Exact, FEE_DIGITS, QUANTITY_DIGITS } from '../money.ts';
import { orderSides } from '../orders/order.ts';
import type { StrategyResult } from './strategy.ts';

export const riskResultSchema = z.discriminatedUnion('approved', [
  z.object({
    approved: z.literal(true),
    side: z.enum(orderSides),
    quantity: z.string(),
    price: z.string(),
    value_usd: z.string(),
    reasoning: z.string(),
  }),
  z.object({ approved: z.literal(false), reason: z.enum(refusalCodes), reasoning: z.string() }),
]);
export type RiskResult = z.infer<typeof riskResultSchema>;

/** Minimum value of a purchase. A smaller purchase is not worth its fee. */
const LEAST_ORDER_USD = 1;

interface TradeWish {
  strategy: Pick<StrategyResult, 'action' | 'confidence'>;
  /** Age of the signal; absent in a manual run, which has no signal. */
  signalAgeSeconds?: number;
  maxSignalAgeSeconds: number;
}

export interface RiskQuestion extends TradeWish {
  price: Exact;
  limits: RiskLimits;
  state: RiskState;
  feeBasisPoints: number;
}

/**
 * Refuses to trade for reasons that do not depend on the portfolio: the strategy waits, or the signal is too old.
 * Called before the portfolio is valued, because the valuation must not use the price of an old signal. Returns
 * undefined if there is no such reason.
 */
export function refuseUnvalued({ strategy, signalAgeSeconds: age, maxSignalAgeSeconds: max }: TradeWish) {
  if (strategy.action === 'WAIT') return refuse('NO_ACTION');
  if (age === undefined || age <= max) return undefined;
  return refuse('STALE_SIGNAL', `${Math.round(age)} s old, at most ${max} s`);
}

/** Sizes the order within the limits, or refuses the order with a refusal code. */
export function assessRisk(question: RiskQuestion): RiskResult {
  const refusal = refuseUnvalued(question);
  if (refusal) return refusal;
  const { strategy, limits, state } = question;
  const order = strategy.action === 'BUY' ? sizePurchase(question) : sizeSale(question);
  const code = checkOrder(order, limits, state) ?? tooSmall(order, question);
  return code ? refuse(code) : approve(order, question);
}

/**
 * Returns a purchase. Its value is what the position limit still allows, times the strategy's confidence (100 counts as
 * 1), but at most the available cash. The quantity is rounded down.
 */
function sizePurchase({ strategy, price, limits, state, feeBasisPoints }: RiskQuestion): ProposedOrder {
  const room = Exact.max(0, new Exact(limits.maxPositionUsd).sub(state.position.quantity.mul(price)));
  const wanted = room.mul(strategy.confidence).div(100);
  // The fee is rounded up by less than one unit of its last digit. Subtract that unit from the cash.
  const affordable = Exact.max(0, state.cashUsd.sub(`1e-${FEE_DIGITS}`)).div(1 + feeBasisPoints / 10_000);
  const quantity = Exact.min(wanted, affordable).div(price).toDecimalPlaces(QUANTITY_DIGITS, Exact.ROUND_DOWN);
  return { side: 'buy', quantity, price, feeUsd: computeFee(quantity, price, feeBasisPoints) };
}

/** Returns a sale of the whole position. Partial sales are not supported. */
function sizeSale({ price, state, feeBasisPoints }: RiskQuestion): ProposedOrder {
  const { quantity } = state.position;
  return { side: 'sell', quantity, price, feeUsd: computeFee(quantity, price, feeBasisPoints) };
}

/**
 * Returns a refusal code if an order is too small to place, else undefined. For a purchase, the code names what makes
 * the order so small: the cash or the position limit.
 */
function tooSmall({ side, quantity, price }: ProposedOrder, { state, limits }: RiskQuestion): RefusalCode | undefined {
  if (side === 'sell') return quantity.isZero() ? 'NO_POSITION' : undefined;
  if (quantity.mul(price).gte(LEAST_ORDER_USD)) return undefined;
  const room = new Exact(limits.maxPositionUsd).sub(state.position.quantity.mul(price));
  return state.cashUsd.lt(room) && state.cashUsd.lt(2 * LEAST_ORDER_USD) ? 'NO_CASH' : 'MAX_POSITION';
}

function approve({ side, quantity, price }: ProposedOrder, { limits }: RiskQuestion): RiskResult {
  const value = quantity.mul(price);
  const within = side === 'buy' ? `within ${limits.maxPositionUsd} USD a position` : 'the whole position';
  const reasoning = `${side} ${quantity} at ${price} for ${value.toFixed(2)} USD, ${within}`;
  return {
    approved: true,
    side,
    quantity: quantity.toString(),
    price: price.toString(),
    value_usd: value.toString(),
    reasoning,
  };
}

function refuse(reason: RefusalCode, detail = ''): RiskResult {
  return { approved: false, reason, reasoning: `${refusals[reason]}${detail && ` (${detail})`}` };
}
