import { Exact } from './money.ts';

/** Why no order is placed, or an order is refused: codes that users filter by, and what each means. */
export const refusals = {
  NO_ACTION: 'the strategy waits',
  STALE_SIGNAL: 'the signal is too old to trade on',
  MAX_POSITION: 'the position would be larger than risk.maxPositionUsd',
  DAILY_LOSS: 'risk.maxDailyLossUsd is lost today; only sales until midnight UTC',
  DRAWDOWN: 'the portfolio has fallen by risk.maxDrawdown from its peak; only sales',
  NO_CASH: 'there is not cash enough',
  NO_POSITION: 'there is nothing to sell',
  PIPELINE_PAUSED: 'the pipeline is paused',
  PIPELINE_DELETED: 'the pipeline is deleted',
} as const;
export type RefusalCode = keyof typeof refusals;
export const refusalCodes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]];

/** A pipeline's limits, as its definition gives them. */
export interface RiskLimits {
  maxPositionUsd: number;
  maxDailyLossUsd: number;
  /** 0 to 1. */
  maxDrawdown: number;
}

/** What the limits are held against: read in one go, and again under the lock of the portfolio. */
export interface RiskState {
  pipelineStatus: 'active' | 'paused' | 'deleted';
  cashUsd: Exact;
  /** Of this pipeline and symbol. */
  position: { quantity: Exact; averagePrice: Exact; realisedPnlUsd: Exact };
  /** Of this pipeline since midnight UTC; a loss is negative. */
  realisedTodayUsd: Exact;
  /** Cash and all positions at their last prices. */
  totalValueUsd: Exact;
  peakValueUsd: Exact;
}

export interface ProposedOrder {
  side: 'buy' | 'sell';
  quantity: Exact;
  price: Exact;
  feeUsd: Exact;
}

type Check = (order: ProposedOrder, limits: RiskLimits, state: RiskState) => RefusalCode | undefined;

/**
 * Holds an order against the limits. The risk manager asks before it proposes, and the broker asks again inside the
 * order's transaction, so that two orders at once cannot pass what one may not.
 * Sales lower the risk: only what stops a pipeline, and an empty position, refuse them.
 */
export function checkOrder(order: ProposedOrder, limits: RiskLimits, state: RiskState): RefusalCode | undefined {
  for (const check of order.side === 'buy' ? BUY_CHECKS : SELL_CHECKS) {
    const code = check(order, limits, state);
    if (code) return code;
  }
  return undefined;
}

const pipelineStopped: Check = (_order, _limits, { pipelineStatus }) => {
  if (pipelineStatus === 'active') return undefined;
  return pipelineStatus === 'paused' ? 'PIPELINE_PAUSED' : 'PIPELINE_DELETED';
};

const dailyLossReached: Check = (_order, { maxDailyLossUsd }, { realisedTodayUsd }) =>
  realisedTodayUsd.lte(-maxDailyLossUsd) ? 'DAILY_LOSS' : undefined;

const drawdownReached: Check = (_order, { maxDrawdown }, { totalValueUsd, peakValueUsd }) =>
  peakValueUsd.gt(0) && totalValueUsd.lte(peakValueUsd.mul(new Exact(1).sub(maxDrawdown))) ? 'DRAWDOWN' : undefined;

const positionTooLarge: Check = ({ quantity, price }, { maxPositionUsd }, { position }) =>
  position.quantity.add(quantity).mul(price).gt(maxPositionUsd) ? 'MAX_POSITION' : undefined;

const cashMissing: Check = ({ quantity, price, feeUsd }, _limits, { cashUsd }) =>
  quantity.mul(price).add(feeUsd).gt(cashUsd) ? 'NO_CASH' : undefined;

const positionMissing: Check = ({ quantity }, _limits, { position }) =>
  position.quantity.lt(quantity) ? 'NO_POSITION' : undefined;

/** A sale so small that its fee (rounded up) exceeds what it brings must not take the cash below zero. */
const cashMissingForFee: Check = ({ quantity, price, feeUsd }, _limits, { cashUsd }) =>
  cashUsd.add(quantity.mul(price)).lt(feeUsd) ? 'NO_CASH' : undefined;

const BUY_CHECKS = [pipelineStopped, dailyLossReached, drawdownReached, positionTooLarge, cashMissing];
const SELL_CHECKS = [pipelineStopped, positionMissing, cashMissingForFee];
