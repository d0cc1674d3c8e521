import { z } from 'zod';
import { type RefusalCode, type RiskLimits, refusalCodes, refusals } from '../limits.ts';
import type { Broker, OrderReport } from '../orders/broker.ts';
import { isFinal, orderSides, reportStatuses, tradingModes } from '../orders/order.ts';
import type { RiskResult } from './risk-manager.ts';

export const tradeResultSchema = z.discriminatedUnion('ordered', [
  z.object({
    ordered: z.literal(true),
    mode: z.enum(tradingModes),
    client_order_id: z.string(),
    /** Status of the order when the stage ended. Later reports change the ledger but not this result. */
    status: z.enum(reportStatuses).default('filled'),
    side: z.enum(orderSides),
    /**
     * `quantity` and `price`: filled quantity and average price; for an order without a fill, the ordered quantity and
     * its price.
     */
    quantity: z.string(),
    price: z.string(),
    fee_usd: z.string(),
    realised_pnl_usd: z.string(),
    reasoning: z.string(),
  }),
  z.object({
    ordered: z.literal(false),
    reason: z.enum(refusalCodes),
    /** Present only if the broker rejected the order. */
    client_order_id: z.string().optional(),
    reasoning: z.string(),
  }),
]);
type TradeResult = z.infer<typeof tradeResultSchema>;

interface TradeSubject {
  executionId: string;
  pipelineId: string;
  symbol: string;
  limits: RiskLimits;
}

/** Places the order that the risk manager approved, at most once for an execution. */
export async function manageTrade(broker: Broker, subject: TradeSubject, risk: RiskResult): Promise<TradeResult> {
  if (!risk.approved) return { ordered: false, reason: risk.reason, reasoning: `no order: ${risk.reasoning}` };
  const { side, quantity, price } = risk;
  const report = await broker.placeOrder({ ...subject, side, quantity, price });
  return report.status === 'rejected' ? describeRejection(report, report.reason) : describeOrder(report, broker.mode);
}

function describeRejection(
  { clientOrderId, side, quantity, price }: OrderReport,
  reason: RefusalCode | undefined,
): TradeResult {
  if (reason === undefined) throw new Error(`order ${clientOrderId} was rejected without a reason`);
  const reasoning = `${side} ${quantity} at ${price} was rejected: ${refusals[reason]}`;
  return { ordered: false, reason, client_order_id: clientOrderId, reasoning };
}

function describeOrder(report: OrderReport, mode: Broker['mode']): TradeResult {
  const { status, side, averagePrice, filledQuantity } = report;
  const hasFill = averagePrice !== undefined;
  const quantity = hasFill ? filledQuantity : report.quantity;
  const price = averagePrice ?? report.price;
  return {
    ordered: true,
    mode,
    client_order_id: report.clientOrderId,
    status,
    side,
    quantity,
    price,
    fee_usd: report.feeUsd,
    realised_pnl_usd: report.realisedPnlUsd,
    reasoning: `${mode} ${side} ${quantity} at ${price}, fee ${report.feeUsd} USD${describeStatus(report)}`,
  };
}

function describeStatus({ status, filledQuantity, quantity }: OrderReport): string {
  if (status === 'filled') return '';
  const filled = `${status}, ${filledQuantity} of ${quantity} filled`;
  return isFinal(status) ? `: ${filled}` : `: ${filled} when the stage ended; the ledger books later fills`;
}
