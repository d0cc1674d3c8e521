import { Exact } from './money.ts';
import type { OrderSide } from './orders/order.ts';
import type { PipelineStatus } from './pipelines/pipeline-status.ts';

/** Reasons why no order is placed or an order is rejected: the codes that users filter by, and their meanings. */
export const refusals = {
  NO_ACTION: 'the strategy waits',
  STALE_SIGNAL: 'the signal is too old to trade on',
  MAX_POSITION: 'the position would be larger than risk.maxPositionUsd',
  DAILY_LOSS: 'risk.maxDailyLossUsd is lost today; only sales until midnight UTC',
  DRAWDOWN: 'the portfolio has fallen by risk.maxDrawdown from its peak; only sales',
  NO_CASH: 'there is not enough cash',
  NO_POSITION: 'there is nothing to sell',
  PIPELINE_PAUSED: 'the pipeline is paused',
  PIPELINE_STOPPED: 'the pipeline is stopped',
  PIPELINE_DELETED: 'the pipeline is deleted',
} as const;
export type RefusalCode = keyof typeof refusals;
export const refusalCodes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]];

/** The limits of a pipeline, as its definition sets them. */
export interface RiskLimits {
  maxPositionUsd: number;
  maxDailyLossUsd: number;
  /** Maximum fall of the portfolio from its peak value, as a share of the peak, 0 to 1. */
  maxDrawdown: number;
}

/**
 * The values that an order is checked against. They are read before the order is proposed, and again under the lock of
 * the portfolio.
 */
export interface RiskState {
  pipelineStatus: PipelineStatus;
  cashUsd: Exact;
  /** The position of this pipeline in the symbol of the order. */
  position: { quantity: Exact; averagePrice: Exact; realisedPnlUsd: Exact };
  /** Realised profit of this pipeline since midnight UTC. A loss is negative. */
  realisedTodayUsd: Exact;
  /** Value of cash and all positions, at their last prices. */
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
 * Checks an order against the limits. Returns the code of the first limit that the order breaks, or undefined. The risk
 * manager calls this before it proposes an order. The broker calls it again inside the order's transaction, so that two
 * concurrent orders cannot break a limit together. A sale lowers the risk, so it is refused only if the pipeline is
 * stopped, the position is missing, or cash for the fee is missing.
 */
export function checkOrder(order: ProposedOrder, limits: RiskLimits, state: RiskState): RefusalCode | undefined {
  for (const check of order.side === 'buy' ? BUY_CHECKS : SELL_CHECKS) {
    const code = check(order, limits, state);
    if (code) return code;
  }
  return undefined;
}

/** Returns the refusal code of a paused, stopped or deleted pipeline, or undefined if the pipeline is active. */
export function pipelineStopped(status: PipelineStatus): RefusalCode | undefined {
  return status === 'active' ? undefined : refusalOf[status];
}

const refusalOf = {
  paused: 'PIPELINE_PAUSED',
  stopped: 'PIPELINE_STOPPED',
  deleted: 'PIPELINE_DELETED',
} as const satisfies Record<Exclude<PipelineStatus, 'active'>, RefusalCode>;

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

/**
 * The fee is rounded up, so the proceeds of a very small sale can be less than its fee. Such a sale must not make the
 * cash negative.
 */
const cashMissingForFee: Check = ({ quantity, price, feeUsd }, _limits, { cashUsd }) =>
  cashUsd.add(quantity.mul(price)).lt(feeUsd) ? 'NO_CASH' : undefined;

const BUY_CHECKS = [stopped, dailyLossReached, drawdownReached, positionTooLarge, cashMissing];
const SELL_CHECKS = [stopped, positionMissing, cashMissingForFee];

/**
 * A pipeline's model budget for one UTC day, and its spending so far. Model calls under way count with their maximum
 * cost.
 */
export interface ModelBudget {
  readonly dailyUsd: Exact;
  readonly spentTodayUsd: Exact;
}

/**
 * Thrown if the day's model budget is spent. The execution then ends as `skipped`, not as `failed`, because the owner
 * of the pipeline set the limit.
 */
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

/** Returns the start of the day of `now`, midnight UTC. Daily losses, model costs and budgets count from this time. */
export function startOfDay(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
}
