import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from '#platform/schema.ts';
import { ExecutionFailure } from '#trading/executions/execution.ts';
import { Exact } from '#trading/money.ts';
import type { Broker, OrderReport } from '#trading/orders/broker.ts';
import {
  hasBroker,
  isFinal,
  isOrderStatus,
  type ModeWithBroker,
  type OrderSide,
  orderSides,
  type TradingMode,
} from '#trading/orders/order.ts';
import type { WorkerConfig } from '../config.ts';
import { createPaperBroker } from './paper/paper-broker.ts';

type BrokerMetric = 'trading_bot_trades_total' | 'trading_volume_usd_total';

interface BrokerOptions {
  db: Kysely<Database>;
  config: Pick<WorkerConfig, 'PAPER_FEE_BPS'>;
  clock: () => Date;
}

/**
 * Functions that open a broker, keyed by the trading mode of the pipelines whose orders the broker executes. README.md
 * says how to add a broker.
 */
const openers: Readonly<Record<ModeWithBroker, (options: BrokerOptions) => Broker>> = {
  paper: ({ db, config, clock }) => createPaperBroker({ db, clock, feeBasisPoints: config.PAPER_FEE_BPS }),
};

/** Returns the broker of a trading mode. @throws ExecutionFailure if the mode has no broker */
export type BrokerOf = (mode: TradingMode) => Broker;

export function openBrokers(
  options: BrokerOptions & { log: Logger; instruments: Instruments<BrokerMetric> },
): BrokerOf {
  const brokers = new Map<TradingMode, Broker>();
  for (const [mode, open] of Object.entries(openers)) brokers.set(mode as ModeWithBroker, open(options));
  for (const broker of brokers.values()) observeReports(broker, options);
  return (mode) => {
    const broker = hasBroker(mode) ? brokers.get(mode) : undefined;
    if (!broker) throw new ExecutionFailure('NO_LIVE_BROKER');
    return broker;
  };
}

/**
 * Logs every order report of a broker. Counts the reports whose status is one of `orderStatuses`, which stored orders
 * can have.
 */
export function observeReports(
  broker: Broker,
  { log, instruments }: { log: Logger; instruments: Instruments<BrokerMetric> },
): void {
  const trades = instruments.counter('trading_bot_trades_total');
  const volume = instruments.counter('trading_volume_usd_total');
  for (const side of orderSides) volume.add(0, { venue: broker.mode, side });
  const countVolume = createVolumeCount((side, usd) => volume.add(usd, { venue: broker.mode, side }));
  broker.onReport((report) => {
    const { pipelineId, clientOrderId, symbol, side, status, quantity, price, filledQuantity, reason } = report;
    if (isOrderStatus(status)) trades.add(1, { bot_id: pipelineId, symbol, side, status });
    countVolume(report);
    const order = { client_order_id: clientOrderId, pipeline_id: pipelineId, symbol, side, quantity, price };
    log.info({ ...order, status, filled_quantity: filledQuantity, reason: reason ?? null }, 'order stored');
  });
}

/** Orders whose fills are not complete yet. An order that a venue forgets must not stay for ever. */
const MAX_OPEN_ORDERS = 10_000;

/**
 * Returns a function that counts the value of what a report fills beyond the reports before it, because a report has the
 * quantity and the average price of all fills of its order.
 */
function createVolumeCount(add: (side: OrderSide, usd: number) => void): (report: OrderReport) => void {
  const counted = new Map<string, Exact>();
  return ({ clientOrderId, side, status, filledQuantity, averagePrice, price }) => {
    const filled = new Exact(filledQuantity).mul(averagePrice ?? price);
    const more = filled.sub(counted.get(clientOrderId) ?? 0);
    if (more.gt(0)) add(side, more.toNumber());
    counted.delete(clientOrderId);
    if (isFinal(status) || filled.isZero()) return;
    counted.set(clientOrderId, filled);
    if (counted.size > MAX_OPEN_ORDERS) counted.delete(counted.keys().next().value as string);
  };
}
