import { readOrder, readOrders } from '../../store/orders.ts';
import type { Api } from '../api-instance.ts';
import { notFound } from '../errors/api-problem.ts';
import { buildPage, problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import {
  orderListQuerySchema,
  orderPageSchema,
  orderParamsSchema,
  orderSchema,
  presentOrder,
} from '../schemas/orders.ts';
import { parsePageRequest } from './page-request.ts';

const tags = ['orders'];

export function addOrderRoutes(app: Api, { db }: RouteContext): void {
  app.get(
    '/api/v1/orders',
    {
      schema: {
        tags,
        operationId: 'listOrders',
        summary: 'List orders',
        description: 'Newest first; rejected ones too, with the reason.',
        querystring: orderListQuerySchema,
        response: { 200: orderPageSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const rows = await readOrders(db, parsePageRequest(query), query);
      return buildPage(rows, query.limit, presentOrder, (row) => ({ time: row.cursor_time, id: row.client_order_id }));
    },
  );

  app.get(
    '/api/v1/orders/:client_order_id',
    {
      schema: {
        tags,
        operationId: 'readOrder',
        summary: 'Read an order',
        params: orderParamsSchema,
        response: { 200: orderSchema, ...problemResponses({ 404: 'There is no such order' }) },
      },
    },
    async ({ params }) => {
      const row = await readOrder(db, params.client_order_id);
      if (!row) throw notFound('order', params.client_order_id);
      return presentOrder(row);
    },
  );
}
