import type { RefusalCode, RiskLimits } from '../limits.ts';

/** An order to place. Numbers are exact decimals in text. */
export interface OrderIntent {
  executionId: string;
  pipelineId: string;
  symbol: string;
  side: 'buy' | 'sell';
  quantity: string;
  price: string;
  /** Held again in the moment of the order. */
  limits: RiskLimits;
}

interface PlacedOrder {
  clientOrderId: string;
  side: 'buy' | 'sell';
  quantity: string;
  price: string;
  feeUsd: string;
}
export type OrderOutcome =
  | (PlacedOrder & { status: 'filled'; realisedPnlUsd: string })
  | (PlacedOrder & { status: 'rejected'; reason: RefusalCode });

/** Where orders go. */
export interface Broker {
  readonly mode: 'paper' | 'live';
  /** Places the order of an execution, once: a second call for it answers what the first one did. */
  placeOrder(intent: OrderIntent): Promise<OrderOutcome>;
}
