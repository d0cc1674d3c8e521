/**
 * Names of the sides, modes and statuses of orders, and the ids of orders. Table columns, API schemas and metric labels
 * use these names.
 */
import { createHash } from 'node:crypto';

export const orderSides = ['buy', 'sell'] as const;
export type OrderSide = (typeof orderSides)[number];

/** Trading modes. `paper` simulates fills without real money; `live` sends orders to a venue. */
export const tradingModes = ['paper', 'live'] as const;
export type TradingMode = (typeof tradingModes)[number];
/**
 * The modes that have a broker. If a pipeline that places orders has another mode, its executions fail before the first
 * stage.
 */
export const modesWithBroker = ['paper'] as const satisfies readonly TradingMode[];
export type ModeWithBroker = (typeof modesWithBroker)[number];

/** Statuses that a venue can report for an order. */
export const reportStatuses = ['accepted', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired'] as const;
export type ReportStatus = (typeof reportStatuses)[number];
/** Statuses after which no other report of the order follows. */
const finalStatuses: readonly ReportStatus[] = ['filled', 'cancelled', 'rejected', 'expired'];

/**
 * Statuses of stored orders, and of the metric that counts orders. The paper broker needs only these. To store more,
 * extend this list, and extend the check on the table `orders` by a migration.
 */
export const orderStatuses = ['filled', 'rejected'] as const satisfies readonly ReportStatus[];
export type OrderStatus = (typeof orderStatuses)[number];

export function isFinal(status: ReportStatus): boolean {
  return finalStatuses.includes(status);
}

export function isOrderStatus(status: ReportStatus): status is OrderStatus {
  return (orderStatuses as readonly ReportStatus[]).includes(status);
}

export function hasBroker(mode: TradingMode): mode is ModeWithBroker {
  return (modesWithBroker as readonly TradingMode[]).includes(mode);
}

export const modesWithoutBroker: readonly TradingMode[] = tradingModes.filter((mode) => !hasBroker(mode));

/**
 * Returns the client order id of an execution. The id is always the same, so that a venue recognises an order that is
 * sent again. Venues accept up to 32 characters.
 */
export function buildClientOrderId(executionId: string): string {
  return `tp-${createHash('sha256').update(executionId).digest('hex').slice(0, 24)}`;
}
