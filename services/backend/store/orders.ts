import type { Kysely } from 'kysely';
import type { Database, OrderRow } from '#platform/schema.ts';
import { afterPosition, cursorTime, type PageRequest } from './read-page.ts';

export interface OrderFilter {
  pipeline_id?: string | undefined;
  execution_id?: string | undefined;
  symbol?: string | undefined;
  side?: OrderRow['side'] | undefined;
  status?: OrderRow['status'] | undefined;
  since?: string | undefined;
}

export async function readOrders(db: Kysely<Database>, page: PageRequest, filter: OrderFilter) {
  let query = db.selectFrom('orders').selectAll().select(cursorTime('created_at').as('cursor_time'));
  if (filter.pipeline_id !== undefined) query = query.where('pipeline_id', '=', filter.pipeline_id);
  if (filter.execution_id !== undefined) query = query.where('execution_id', '=', filter.execution_id);
  if (filter.symbol !== undefined) query = query.where('symbol', '=', filter.symbol);
  if (filter.side !== undefined) query = query.where('side', '=', filter.side);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.since !== undefined) query = query.where('created_at', '>=', new Date(filter.since));
  if (page.after) query = query.where(afterPosition('created_at', 'client_order_id', page.after));
  return query
    .orderBy('created_at', 'desc')
    .orderBy('client_order_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

export async function readOrder(db: Kysely<Database>, clientOrderId: string): Promise<OrderRow | undefined> {
  return db.selectFrom('orders').selectAll().where('client_order_id', '=', clientOrderId).executeTakeFirst();
}
