import { type Kysely, sql, type Transaction } from 'kysely';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { readRiskState } from '#platform/ledger.ts';
import type { Database, OrderRow } from '#platform/schema.ts';
import { unfinishedStatuses } from '#trading/executions/execution.ts';
import { ExecutionTaken } from '#trading/executions/execution-failure.ts';
import { buildFill, computeFee } from '#trading/ledger/fill.ts';
import { checkOrder, type ProposedOrder, type RefusalCode, type RiskState } from '#trading/limits.ts';
import { Exact } from '#trading/money.ts';
import type { Broker, OrderIntent, OrderOutcome } from '#trading/orders/broker.ts';
import { buildClientOrderId } from '#trading/orders/client-order-id.ts';
import { startOfDay } from '#trading/start-of-day.ts';

export interface PaperBrokerOptions {
  db: Kysely<Database>;
  feeBasisPoints: number;
  clock: () => Date;
  /** Called after the commit of an order that was not there before. */
  onOrder: (order: OrderRow) => void;
}

/**
 * A broker of paper money: it fills at once, at the order's price, for a fee. The limits are held under the lock of the
 * portfolio; order, position and cash change in one transaction. It must never fill twice for an execution, nor let
 * cash or a position fall below zero.
 */
export function createPaperBroker(options: PaperBrokerOptions): Broker {
  return {
    mode: 'paper',
    async placeOrder(intent) {
      const { executionId, pipelineId, symbol, side } = intent;
      const attributes = { 'execution.id': executionId, 'pipeline.id': pipelineId, ticker: symbol, 'order.side': side };
      const { order, isNew } = await withSpan('place order', { attributes }, async (span) => {
        const placed = await options.db.transaction().execute((transaction) => place(transaction, intent, options));
        span.setAttributes({ 'order.id': placed.order.client_order_id, 'order.status': placed.order.status });
        return placed;
      });
      if (isNew) options.onOrder(order);
      return describeOrder(order);
    },
  };
}

async function place(transaction: Transaction<Database>, intent: OrderIntent, options: PaperBrokerOptions) {
  const { pipelineId, symbol } = intent;
  const price = new Exact(intent.price);
  const since = startOfDay(options.clock());
  const state = await readRiskState(transaction, { pipelineId, symbol, price, since }, { lock: true });
  const placed = await readOrder(transaction, intent);
  if (placed) return { order: placed, isNew: false };
  await holdExecution(transaction, intent.executionId);
  const order = proposeOrder(intent, options.feeBasisPoints);
  const refusal = checkOrder(order, intent.limits, state);
  if (refusal) return { order: await storeOrder(transaction, intent, order, { refusal }), isNew: true };
  return { order: await fill(transaction, intent, order, state), isNew: true };
}

function proposeOrder({ side, quantity, price }: OrderIntent, feeBasisPoints: number): ProposedOrder {
  const exact = { quantity: new Exact(quantity), price: new Exact(price) };
  return { side, ...exact, feeUsd: computeFee(exact.quantity, exact.price, feeBasisPoints) };
}

async function readOrder(
  transaction: Transaction<Database>,
  { executionId }: OrderIntent,
): Promise<OrderRow | undefined> {
  const id = buildClientOrderId(executionId);
  return transaction.selectFrom('orders').selectAll().where('client_order_id', '=', id).executeTakeFirst();
}

/** Keeps the execution from being ended until the order is committed; an execution that has ended may not order. */
async function holdExecution(transaction: Transaction<Database>, executionId: string): Promise<void> {
  const running = await transaction
    .selectFrom('executions')
    .select('execution_id')
    .where('execution_id', '=', executionId)
    .where('status', 'in', unfinishedStatuses)
    .forShare()
    .executeTakeFirst();
  if (!running) throw new ExecutionTaken(executionId);
}

async function fill(
  transaction: Transaction<Database>,
  intent: OrderIntent,
  order: ProposedOrder,
  state: RiskState,
): Promise<OrderRow> {
  const { after, realisedPnlUsd } = buildFill({ cashUsd: state.cashUsd, ...state.position }, order);
  const stored = await storeOrder(transaction, intent, order, { realisedPnlUsd });
  const position = {
    quantity: after.quantity.toString(),
    average_price: after.averagePrice.toString(),
    realised_pnl_usd: after.realisedPnlUsd.toString(),
    updated_at: stored.created_at,
  };
  await transaction
    .insertInto('positions')
    .values({ pipeline_id: intent.pipelineId, symbol: intent.symbol, ...position })
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'symbol']).doUpdateSet(position))
    .execute();
  await transaction
    .updateTable('portfolio')
    .set({ cash_usd: after.cashUsd.toString(), updated_at: stored.created_at })
    .execute();
  return stored;
}

async function storeOrder(
  transaction: Transaction<Database>,
  intent: OrderIntent,
  { side, quantity, price, feeUsd }: ProposedOrder,
  outcome: { refusal: RefusalCode } | { realisedPnlUsd: Exact },
): Promise<OrderRow> {
  const refused = 'refusal' in outcome;
  return transaction
    .insertInto('orders')
    .values({
      client_order_id: buildClientOrderId(intent.executionId),
      execution_id: intent.executionId,
      pipeline_id: intent.pipelineId,
      symbol: intent.symbol,
      side,
      quantity: quantity.toString(),
      price: price.toString(),
      fee_usd: refused ? '0' : feeUsd.toString(),
      realised_pnl_usd: refused ? '0' : outcome.realisedPnlUsd.toString(),
      status: refused ? 'rejected' : 'filled',
      reason: refused ? outcome.refusal : null,
      mode: 'paper',
      // Not the transaction's start, which lies before its wait for the lock: orders stand in the order they took effect.
      created_at: sql<Date>`clock_timestamp()`,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

function describeOrder(order: OrderRow): OrderOutcome {
  const { client_order_id: clientOrderId, side, fee_usd: feeUsd } = order;
  const placed = { clientOrderId, side, feeUsd, quantity: order.quantity, price: order.price };
  return order.status === 'filled'
    ? { ...placed, status: 'filled', realisedPnlUsd: order.realised_pnl_usd }
    : { ...placed, status: 'rejected', reason: order.reason as RefusalCode };
}
