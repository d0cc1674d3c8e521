import type { RefusalCode, RiskLimits } from '../limits.ts';
import type { OrderSide, ReportStatus, TradingMode } from './order.ts';

/** An order to place. Numbers are exact decimals in text. */
export interface OrderIntent {
  executionId: string;
  pipelineId: string;
  symbol: string;
  side: OrderSide;
  quantity: string;
  price: string;
  /** The broker checks them again at the moment of the order. */
  limits: RiskLimits;
}

/** The state of an order, as the venue knows it. Numbers are exact decimals in text. */
export interface OrderReport {
  clientOrderId: string;
  pipelineId: string;
  symbol: string;
  side: OrderSide;
  status: ReportStatus;
  /** As ordered. */
  quantity: string;
  price: string;
  filledQuantity: string;
  /** Of the filled quantity; absent before the first fill. */
  averagePrice?: string;
  feeUsd: string;
  /** Profit of a sale: proceeds less fee, less the cost of the sold quantity. 0 for a purchase. */
  realisedPnlUsd: string;
  /** Present if the order is rejected. */
  reason?: RefusalCode;
}

/** Where orders go. The broker books each fill in the ledger before it reports it. */
export interface Broker {
  readonly mode: TradingMode;
  /**
   * Places the order of an execution, once. A second call for the same execution places nothing and returns the
   * order's present state.
   */
  placeOrder(intent: OrderIntent): Promise<OrderReport>;
  /** Calls the listener once for each state an order takes, after it is committed; also long after placeOrder. */
  onReport(listener: (report: OrderReport) => void): void;
}
