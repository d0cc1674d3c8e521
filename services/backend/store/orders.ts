import type { Kysely } from 'kysely';
import type { Database, OrderRow } from '#platform/schema.ts';
import { type ColumnFilter, columnsEqual, type ListRequest, type Page, readPage } from './read-page.ts';

type OrderFilter = ColumnFilter<OrderRow, 'pipeline_id' | 'execution_id' | 'symbol' | 'side' | 'status'>;

export function readOrders(db: Kysely<Database>, request: ListRequest<OrderFilter>): Promise<Page<OrderRow>> {
  const query = db.selectFrom('orders').selectAll().where(columnsEqual(request.filter));
  return readPage(query, { time: 'created_at', id: 'client_order_id' }, request);
}

export async function readOrder(db: Kysely<Database>, clientOrderId: string): Promise<OrderRow | undefined> {
  return db.selectFrom('orders').selectAll().where('client_order_id', '=', clientOrderId).executeTakeFirst();
}
