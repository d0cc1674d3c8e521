import { z } from 'zod';
import type { OrderRow } from '#platform/schema.ts';
import { pipelineIdSchema, recordIdSchema } from '#trading/ids.ts';
import { tickerSchema } from '#trading/market/bar.ts';
import { formatMoney } from '#trading/money.ts';
import { orderSides, orderStatuses, tradingModes } from '#trading/orders/order.ts';
import { readOrder, readOrders } from '../../store/orders.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import { pageQueryShape, pageSchema, parseListRequest, presentPage, sinceSchema } from '../page.ts';
import type { Resource } from '../resource.ts';

export const orderSchema = z
  .object({
    client_order_id: z.string().describe('Derived from the execution, so that a retry gives the same order'),
    execution_id: z.string(),
    pipeline_id: z.string(),
    symbol: z.string(),
    side: z.enum(orderSides),
    quantity: decimalSchema,
    price: decimalSchema,
    fee_usd: decimalSchema,
    realised_pnl_usd: decimalSchema.describe('Profit of a sale over the cost of the position, USD; 0 for a purchase'),
    status: z.enum(orderStatuses),
    reason: z.string().nullable().describe('Why the order was rejected; null if it was not'),
    mode: z.enum(tradingModes),
    created_at: timeSchema,
  })
  .meta({ id: 'Order' });

const orderListQuerySchema = z.object({
  ...pageQueryShape,
  pipeline_id: pipelineIdSchema.optional(),
  execution_id: recordIdSchema.optional(),
  symbol: tickerSchema.optional(),
  side: z.enum(orderSides).optional(),
  status: z.enum(orderStatuses).optional(),
  since: sinceSchema,
});

export const orders: Resource = {
  tag: { name: 'orders', description: 'Orders of all pipelines, filled and rejected' },
  addRoutes(app, { db }) {
    app.get(
      '/api/v1/orders',
      {
        schema: {
          operationId: 'listOrders',
          summary: 'List orders',
          description: 'Newest first. Rejected orders are listed too, with the reason.',
          querystring: orderListQuerySchema,
          response: { 200: pageSchema(orderSchema, 'OrderPage'), ...problemResponses({ 400: 'A parameter is wrong' }) },
        },
      },
      async ({ query }) => presentPage(await readOrders(db, parseListRequest(query)), presentOrder),
    );

    app.get(
      '/api/v1/orders/:client_order_id',
      {
        schema: {
          operationId: 'readOrder',
          summary: 'Read an order',
          params: z.object({ client_order_id: recordIdSchema }),
          response: { 200: orderSchema, ...problemResponses({ 404: 'There is no such order' }) },
        },
      },
      async ({ params: { client_order_id: id } }) => presentOrder(expectFound(await readOrder(db, id), 'order', id)),
    );
  },
};

export function presentOrder(row: OrderRow): z.output<typeof orderSchema> {
  return {
    client_order_id: row.client_order_id,
    execution_id: row.execution_id,
    pipeline_id: row.pipeline_id,
    symbol: row.symbol,
    side: row.side,
    quantity: formatMoney(row.quantity),
    price: formatMoney(row.price),
    fee_usd: formatMoney(row.fee_usd),
    realised_pnl_usd: formatMoney(row.realised_pnl_usd),
    status: row.status,
    reason: row.reason,
    mode: row.mode,
    created_at: row.created_at.toISOString(),
  };
}
