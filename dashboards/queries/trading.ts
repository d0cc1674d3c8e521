/**
 * Market data, portfolio and orders. Bars are counted when they arrive at the generator, which makes signals from them, and at
 * the backend, which values positions with them.
 */
import {
  above,
  type Expression,
  largest,
  maxOf,
  quantile,
  rate,
  smallest,
  sumOf,
  total,
  wholeOf,
} from './expression.ts';

export const marketsOpen = wholeOf('market_open');
export const updateRate = rate('market_data_updates_total', { by: ['job'] });
export const barRejectRate = rate('market_data_rejected_total', { by: ['job'] });
export const lagP50 = quantile(0.5, 'market_data_lag_seconds');
export const lagP95 = quantile(0.95, 'market_data_lag_seconds');
export const lagP99 = quantile(0.99, 'market_data_lag_seconds');

/** Every replica of the backend reports the whole portfolio, but counts only its own orders. */
export const portfolioValue = wholeOf('portfolio_total_value_usd');
export const cash = wholeOf('portfolio_cash_balance_usd');
export const drawdown = maxOf('portfolio_drawdown_ratio');
export const profit = wholeOf('trading_bot_pnl_usd');

export const botsByStatus = wholeOf('trading_bots_active_total', { by: ['status'] });
export const ordersOfHour = total('trading_bot_trades_total', '1h', { by: ['side', 'status'] });
/** Each worker counts the value of the orders that it placed. */
export const volumeOfHour = total('trading_volume_usd_total', '1h', { by: ['side'] });
export const openPositions = above(0, wholeOf('portfolio_positions_count', { by: ['symbol'] }));
export const webSockets = sumOf('websocket_connections_active', { by: ['endpoint'] });

const profitOfBots = wholeOf('trading_bot_pnl_usd', { by: ['bot_id'] });
/** The ten best and the ten worst bots. If there are fewer than twenty bots, no bot appears twice. */
export const profitByBot: Expression = {
  promql: `${largest(10, profitOfBots).promql} or ${smallest(10, profitOfBots).promql}`,
  reads: profitOfBots.reads,
};
