import { z } from 'zod';
import { type RiskLimits, refusalCodes, refusals } from '../limits.ts';
import type { Broker, OrderOutcome } from '../orders/broker.ts';
import type { RiskResult } from './risk-manager.ts';

export const tradeResultSchema = z.discriminatedUnion('ordered', [
  z.object({
    ordered: z.literal(true),
    mode: z.enum(['paper', 'live']),
    client_order_id: z.string(),
    side: z.enum(['buy', 'sell']),
    quantity: z.string(),
    price: z.string(),
    fee_usd: z.string(),
    realised_pnl_usd: z.string(),
    reasoning: z.string(),
  }),
  z.object({
    ordered: z.literal(false),
    reason: z.enum(refusalCodes),
    /** Where the order was refused after it had been approved. */
    client_order_id: z.string().optional(),
    reasoning: z.string(),
  }),
]);
export type TradeResult = z.infer<typeof tradeResultSchema>;

export interface TradeSubject {
  executionId: string;
  pipelineId: string;
  symbol: string;
  limits: RiskLimits;
}

/** Places the order the risk manager approved, at most once for an execution. */
export async function manageTrade(broker: Broker, subject: TradeSubject, risk: RiskResult): Promise<TradeResult> {
  if (!risk.approved) return { ordered: false, reason: risk.reason, reasoning: `no order: ${risk.reasoning}` };
  const { side, quantity, price } = risk;
  return describe(await broker.placeOrder({ ...subject, side, quantity, price }), broker.mode);
}

function describe(outcome: OrderOutcome, mode: Broker['mode']): TradeResult {
  const { clientOrderId: client_order_id, side, quantity, price, feeUsd: fee_usd } = outcome;
  if (outcome.status === 'rejected') {
    const reasoning = `${side} ${quantity} at ${price} was refused: ${refusals[outcome.reason]}`;
    return { ordered: false, reason: outcome.reason, client_order_id, reasoning };
  }
  const reasoning = `${mode} ${side} ${quantity} at ${price}, fee ${fee_usd} USD`;
  const realised_pnl_usd = outcome.realisedPnlUsd;
  return { ordered: true, mode, client_order_id, side, quantity, price, fee_usd, realised_pnl_usd, reasoning };
}
