import { type Kysely, sql, type Transaction } from 'kysely';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { bookFill, lockPortfolio, valueBeforeOrder } from '#platform/ledger.ts';
import type { Database, OrderRow } from '#platform/schema.ts';
import { ExecutionTaken, unfinishedStatuses } from '#trading/executions/execution.ts';
import { computeFee } from '#trading/ledger/fill.ts';
import { checkOrder, type ProposedOrder, type RefusalCode, startOfDay } from '#trading/limits.ts';
import { Exact } from '#trading/money.ts';
import type { Broker, OrderIntent, OrderReport } from '#trading/orders/broker.ts';
import { buildClientOrderId } from '#trading/orders/order.ts';

interface PaperBrokerOptions {
  db: Kysely<Database>;
  feeBasisPoints: number;
  clock: () => Date;
}

/**
 * Creates a broker that simulates trading without real money. The broker fills an order at once and completely, at the
 * order's price, and charges a fee. It checks the limits under the lock of the portfolio, and changes order, position
 * and cash in one transaction. It fills at most one order for an execution, and never makes cash or a position
 * negative.
 */
export function createPaperBroker(options: PaperBrokerOptions): Broker {
  const listeners: ((report: OrderReport) => void)[] = [];
  return {
    mode: 'paper',
    onReport: (listener) => void listeners.push(listener),
    async placeOrder(intent) {
      const { executionId, pipelineId, symbol, side } = intent;
      const attributes = { 'execution.id': executionId, 'pipeline.id': pipelineId, ticker: symbol, 'order.side': side };
      const { order, isNew } = await withSpan('place order', { attributes }, async (span) => {
        const placed = await options.db.transaction().execute((transaction) => place(transaction, intent, options));
        span.setAttributes({ 'order.id': placed.order.client_order_id, 'order.status': placed.order.status });
        return placed;
      });
      const report = describeOrder(order);
      if (isNew) for (const listener of listeners) listener(report);
      return report;
    },
  };
}

async function place(transaction: Transaction<Database>, intent: OrderIntent, options: PaperBrokerOptions) {
  await lockPortfolio(transaction);
  const placed = await readOrder(transaction, intent);
  if (placed) return { order: placed, isNew: false };
  await holdExecution(transaction, intent.executionId);
  return { order: await fillOrReject(transaction, intent, options), isNew: true };
}

async function fillOrReject(
  transaction: Transaction<Database>,
  intent: OrderIntent,
  { feeBasisPoints, clock }: PaperBrokerOptions,
): Promise<OrderRow> {
  const order = proposeOrder(intent, feeBasisPoints);
  const query = { ...intent, price: order.price, since: startOfDay(clock()) };
  const state = await valueBeforeOrder(transaction, query, { lock: true });
  const refusal = checkOrder(order, intent.limits, state);
  if (refusal) return storeOrder(transaction, intent, order, { refusal });
  const realisedPnlUsd = await bookFill(transaction, intent, order, state);
  return storeOrder(transaction, intent, order, { realisedPnlUsd });
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

/**
 * Locks the execution, so that nobody can end it before the order is committed.
 * @throws ExecutionTaken if the execution has already ended
 */
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
      // Not now(): that is the time at which the transaction started, before it waited for the lock. With now(), orders
      // would be out of sequence.
      created_at: sql<Date>`clock_timestamp()`,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

function describeOrder(order: OrderRow): OrderReport {
  const { status, quantity, price } = order;
  return {
    clientOrderId: order.client_order_id,
    pipelineId: order.pipeline_id,
    symbol: order.symbol,
    side: order.side,
    status,
    quantity,
    price,
    feeUsd: order.fee_usd,
    realisedPnlUsd: order.realised_pnl_usd,
    ...(status === 'filled' ? { filledQuantity: quantity, averagePrice: price } : { filledQuantity: '0' }),
    ...(order.reason !== null && { reason: order.reason as RefusalCode }),
  };
}
