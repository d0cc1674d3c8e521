/** Metrics of the trading desk, of market data, and of what users do. */
import { barRejectReasons, marketDataSources } from '#trading/market/bar.ts';
import { orderSides, orderStatuses } from '#trading/orders/order.ts';
import { botStatuses } from '#trading/pipelines/pipeline-status.ts';
import { userActions } from '../api.ts';
import { type MetricDefinition, open, outcome, pipelineIds } from './metric.ts';

export const tradingMetrics = {
  trading_bots_active_total: {
    type: 'gauge',
    help: 'Bots, by status. A bot is a pipeline that trades.',
    labels: { status: botStatuses },
    emittedBy: ['backend'],
  },
  trading_bot_trades_total: {
    type: 'counter',
    help: 'Orders by bot, symbol, side and status.',
    labels: { bot_id: pipelineIds, symbol: open, side: orderSides, status: orderStatuses },
    emittedBy: ['backend', 'celery-worker'],
  },
  trading_volume_usd_total: {
    type: 'counter',
    help: 'Value of filled orders without fees, by venue and side, USD.',
    labels: { venue: open, side: orderSides },
    emittedBy: ['celery-worker'],
  },
  trading_bot_pnl_usd: {
    type: 'gauge',
    help: 'Realised and unrealised profit of a bot by symbol, USD.',
    labels: { bot_id: pipelineIds, symbol: open },
    emittedBy: ['backend'],
  },
  portfolio_total_value_usd: {
    type: 'gauge',
    help: 'Cash and positions at the last price, USD.',
    emittedBy: ['backend'],
  },
  portfolio_positions_count: {
    type: 'gauge',
    help: 'Open positions, by symbol.',
    labels: { symbol: open },
    emittedBy: ['backend'],
  },
  portfolio_cash_balance_usd: {
    type: 'gauge',
    help: 'Cash, USD.',
    emittedBy: ['backend'],
  },
  portfolio_drawdown_ratio: {
    type: 'gauge',
    help: 'Fall of the total value from its running peak, 0 to 1.',
    emittedBy: ['backend'],
  },
  market_data_updates_total: {
    type: 'counter',
    help: 'Bars received, by symbol and source.',
    labels: { symbol: open, source: marketDataSources },
    emittedBy: ['backend', 'signal-generator'],
  },
  market_data_rejected_total: {
    type: 'counter',
    help: 'Messages that are not bars or cannot be stored, sent to the dead-letter topic.',
    labels: { reason: barRejectReasons },
    emittedBy: ['backend'],
  },
  market_data_lag_seconds: {
    type: 'histogram',
    help: 'Age of a bar when it was published (by the generator) or stored (by the backend), from the end of the bar; of a replay, from when the bar was due.',
    labels: { source: marketDataSources },
    emittedBy: ['backend', 'signal-generator'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  market_data_last_bar_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last bar of a symbol was published (by the generator) or stored (by the backend), unix seconds.',
    labels: { symbol: open },
    emittedBy: ['backend', 'signal-generator'],
  },

  // Metrics of users' actions. Never add a label with a user id, because the number of its values would be unlimited.
  api_user_actions_total: {
    type: 'counter',
    help: 'What users did, by action and status.',
    labels: {
      action: userActions,
      status: outcome,
    },
    emittedBy: ['backend'],
  },
} as const satisfies Record<string, MetricDefinition>;
