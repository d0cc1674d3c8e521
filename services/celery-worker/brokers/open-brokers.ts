import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from '#platform/schema.ts';
import { ExecutionFailure } from '#trading/executions/execution.ts';
import type { Broker } from '#trading/orders/broker.ts';
import { hasBroker, isOrderStatus, type ModeWithBroker, type TradingMode } from '#trading/orders/order.ts';
import type { WorkerConfig } from '../config.ts';
import { createPaperBroker } from './paper/paper-broker.ts';

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
  options: BrokerOptions & { log: Logger; instruments: Instruments<'trading_bot_trades_total'> },
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
  { log, instruments }: { log: Logger; instruments: Instruments<'trading_bot_trades_total'> },
): void {
  const trades = instruments.counter('trading_bot_trades_total');
  broker.onReport(({ pipelineId, clientOrderId, symbol, side, status, quantity, price, filledQuantity, reason }) => {
    if (isOrderStatus(status)) trades.add(1, { bot_id: pipelineId, symbol, side, status });
    const order = { client_order_id: clientOrderId, pipeline_id: pipelineId, symbol, side, quantity, price };
    log.info({ ...order, status, filled_quantity: filledQuantity, reason: reason ?? null }, 'order stored');
  });
}
