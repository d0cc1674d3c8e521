import { above, type Expression, largest, maxOf, smallest, sumOf, total, wholeOf } from './expression.ts';

/** The portfolio, which every backend reports as a whole, and the orders, which each process counts for itself. */
export const portfolioValue = wholeOf('portfolio_total_value_usd');
export const cash = wholeOf('portfolio_cash_balance_usd');
export const drawdown = maxOf('portfolio_drawdown_ratio');
export const profit = wholeOf('trading_bot_pnl_usd');

export const botsByStatus = wholeOf('trading_bots_active_total', { by: ['status'] });
export const ordersOfHour = total('trading_bot_trades_total', '1h', { by: ['side', 'status'] });
export const openPositions = above(0, wholeOf('portfolio_positions_count', { by: ['symbol'] }));
export const webSockets = sumOf('websocket_connections_active', { by: ['endpoint'] });

const profitOfBots = wholeOf('trading_bot_pnl_usd', { by: ['bot_id'] });
/** The ten best and the ten worst; with fewer bots, each once. */
export const profitByBot: Expression = {
  promql: `${largest(10, profitOfBots).promql} or ${smallest(10, profitOfBots).promql}`,
  reads: profitOfBots.reads,
};
