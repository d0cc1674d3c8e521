import type { RefusalCode, RiskLimits } from '../limits.ts';
import type { OrderSide, ReportStatus, TradingMode } from './order.ts';

/** An order to place. Numbers are exact decimals as strings. */
export interface OrderIntent {
  executionId: string;
  pipelineId: string;
  symbol: string;
  side: OrderSide;
  quantity: string;
  price: string;
  /** The limits that the broker checks again when it places the order. */
  limits: RiskLimits;
}

/**
 * The state of an order at the venue, which is the place that executes orders. Numbers are exact decimals as strings.
 */
export interface OrderReport {
  clientOrderId: string;
  pipelineId: string;
  symbol: string;
  side: OrderSide;
  status: ReportStatus;
  /** Ordered quantity. */
  quantity: string;
  price: string;
  filledQuantity: string;
  /** Average price of the filled quantity; absent before the first fill. */
  averagePrice?: string;
  feeUsd: string;
  /** Profit of a sale: the proceeds less the fee and the cost of the sold quantity. 0 for a purchase. */
  realisedPnlUsd: string;
  /** Why the order was rejected; absent if it was not. */
  reason?: RefusalCode;
}

/** Places orders at a venue. The broker books each fill in the ledger before it reports the fill. */
export interface Broker {
  readonly mode: TradingMode;
  /**
   * Places the order of an execution, at most once. A second call for the same execution places no order and returns
   * the current state of the first order.
   */
  placeOrder(intent: OrderIntent): Promise<OrderReport>;
  /**
   * Calls the listener once for each state of an order, after that state is committed. This can be long after
   * placeOrder has returned.
   */
  onReport(listener: (report: OrderReport) => void): void;
}
