import { Exact } from './money.ts';
import type { OrderSide } from './orders/order.ts';
import type { PipelineStatus } from './pipelines/pipeline-status.ts';

/** Why no order is placed, or an order is rejected: codes that users filter by, and their meanings. */
export const refusals = {
  NO_ACTION: 'the strategy waits',
  STALE_SIGNAL: 'the signal is too old to trade on',
  MAX_POSITION: 'the position would be larger than risk.maxPositionUsd',
  DAILY_LOSS: 'risk.maxDailyLossUsd is lost today; only sales until midnight UTC',
  DRAWDOWN: 'the portfolio has fallen by risk.maxDrawdown from its peak; only sales',
  NO_CASH: 'there is not enough cash',
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

/** The figures that limits are checked against: read before the order, and again under the lock of the portfolio. */
export interface RiskState {
  pipelineStatus: PipelineStatus;
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
  side: OrderSide;
  quantity: Exact;
  price: Exact;
  feeUsd: Exact;
}

type Check = (order: ProposedOrder, limits: RiskLimits, state: RiskState) => RefusalCode | undefined;

/**
 * Checks an order against the limits; returns the first limit it breaks. The risk manager calls this before it proposes
 * an order, and the broker again inside the order's transaction, so that two orders at once cannot break a limit together.
 * Sales lower the risk: only a stopped pipeline, a missing position and missing cash for the fee refuse them.
 */
export function checkOrder(order: ProposedOrder, limits: RiskLimits, state: RiskState): RefusalCode | undefined {
  for (const check of order.side === 'buy' ? BUY_CHECKS : SELL_CHECKS) {
    const code = check(order, limits, state);
    if (code) return code;
  }
  return undefined;
}

/** The refusal of a pipeline that its owner has stopped; undefined if it is active. */
export function pipelineStopped(status: PipelineStatus): RefusalCode | undefined {
  if (status === 'active') return undefined;
  return status === 'paused' ? 'PIPELINE_PAUSED' : 'PIPELINE_DELETED';
}

const stopped: Check = (_order, _limits, { pipelineStatus }) => pipelineStopped(pipelineStatus);

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

/** The fee is rounded up, so a very small sale can bring less than its fee: it must not take the cash below zero. */
const cashMissingForFee: Check = ({ quantity, price, feeUsd }, _limits, { cashUsd }) =>
  cashUsd.add(quantity.mul(price)).lt(feeUsd) ? 'NO_CASH' : undefined;

const BUY_CHECKS = [stopped, dailyLossReached, drawdownReached, positionTooLarge, cashMissing];
const SELL_CHECKS = [stopped, positionMissing, cashMissingForFee];

/** A pipeline's model budget for one UTC day, and its spending so far. Calls under way count at their maximum cost. */
export interface ModelBudget {
  readonly dailyUsd: Exact;
  readonly spentTodayUsd: Exact;
}

/** The day's model budget is spent. The execution ends as skipped, because its owner set the limit. */
export class BudgetExhausted extends Error {
  constructor({ dailyUsd, spentTodayUsd }: ModelBudget) {
    super(
      `BUDGET_EXHAUSTED: the model budget of the day is spent (${spentTodayUsd} of ${dailyUsd} USD since midnight UTC, calls under way at their maximum); it runs again the next day, or with a larger budget.dailyUsd`,
    );
    this.name = 'BudgetExhausted';
  }
}

export function isSpent({ dailyUsd, spentTodayUsd }: ModelBudget): boolean {
  return spentTodayUsd.gte(dailyUsd);
}

/** Midnight UTC of a day: daily losses, model costs and budgets count from then. */
export function startOfDay(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
}
