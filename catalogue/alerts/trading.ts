/** Alerts on trading: do bots trade, on fresh prices, and how much do they lose? */
import { max, orElse, quantile, rate, sum } from '#base/promql/build-promql.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import { from, seriesOf } from './expressions.ts';

export const tradingAlerts = {
  NoActiveBotsRunning: {
    about: 'No bot is running',
    severity: 'warning',
    for: '5m',
    enabled: false,
    watches: ['backend'],
    dashboard: 'trading',
    follows: ['backend'],
    expr: (scope) =>
      from(
        seriesOf(scope, ['backend'], 'trading_bots_active_total', { status: 'running' }),
        (running) => `${orElse(sum(running), 0)} == 0`,
      ),
    summary: 'No bot is running',
    description: () => 'Bots with the status running: {{ $value | humanize }}.',
  },

  HighMarketDataLag: {
    about: 'The 95th percentile of the market data lag is above this many seconds',
    severity: 'warning',
    for: '2m',
    threshold: 5,
    unit: 'seconds',
    watches: ['backend', 'signal-generator'],
    dashboard: 'signals',
    follows: 'own',
    byService: true,
    expr: (scope) =>
      from(seriesOf(scope, ['backend', 'signal-generator'], 'market_data_lag_seconds_bucket'), (buckets) => {
        return `${quantile(0.95, sum(rate(buckets, scope.window), ['service', 'le']))} > ${scope.threshold}`;
      }),
    summary: 'Market data arrives late at {{ $labels.service }}',
    description: ({ window }, limit) =>
      `One bar in twenty of the last ${window} was more than {{ $value | humanizeDuration }} late (limit ${limit}).`,
  },

  HighPortfolioDrawdown: {
    about: 'The portfolio has fallen by more than this share from its peak',
    severity: 'critical',
    for: '5m',
    threshold: 0.15,
    unit: 'share',
    watches: ['backend'],
    dashboard: 'trading',
    follows: [],
    expr: (scope) =>
      from(seriesOf(scope, ['backend'], 'portfolio_drawdown_ratio'), (fall) => `${max(fall)} > ${scope.threshold}`),
    summary: 'The portfolio has lost a large share of its peak',
    description: (_scope, limit) =>
      `The portfolio is worth {{ $value | humanizePercentage }} less than at its peak (limit ${limit}).`,
  },
} as const satisfies Record<string, AlertDefinition>;

export const tradingRunbooks = {
  NoActiveBotsRunning: {
    means: 'No bot has the status `running`. The alert is off unless the TradingPipeline switches it on.',
    feels: 'Nothing is traded for them.',
    look: [
      'Did somebody pause the bots, or did they not come back after a restart?',
      { promql: 'sum by (status) (trading_bots_active_total)' },
      { promql: 'sum by (action) (increase(api_user_actions_total{action=~"pause_pipeline|delete_pipeline"}[6h]))' },
    ],
    remedy: [
      'Paused on purpose: leave them and silence the alert.',
      'Otherwise: resume them with `POST /api/v1/pipelines/<id>/resume`.',
    ],
    silence: 'Outside trading hours and in a planned pause.',
  },

  HighMarketDataLag: {
    means:
      'Bars are handled late: the 95th percentile of the time from the end of a bar is above 5 s. A bar of a replay ends when ' +
      'the replay makes it due, not at its historical time.',
    feels: 'Signals and portfolio values are late, and the prices on their page are old.',
    look: [
      'Is it the generator, the backend, or both? Both: the source or Kafka.',
      { promql: 'histogram_quantile(0.95, sum by (job, source, le) (rate(market_data_lag_seconds_bucket[5m])))' },
      { promql: 'sum by (job) (rate(market_data_updates_total[5m]))' },
    ],
    remedy: [
      'One service: check its CPU (HighCPUUsage).',
      "Both: read the exchange's status page, then check the network.",
      'A replay runs faster than the machine can follow: set a lower speed.',
    ],
    silence: 'While an exchange reports a disturbance, with an end.',
  },

  HighPortfolioDrawdown: {
    means: "The portfolio's value has fallen by more than 15 % from its peak.",
    feels: 'They lose money.',
    look: [
      'Which bots and symbols lose? Is the price real, or is it one bad bar?',
      { promql: 'portfolio_drawdown_ratio' },
      { promql: 'bottomk(5, sum by (bot_id, symbol) (trading_bot_pnl_usd))' },
      { sh: "curl -s 'http://<backend>:8000/api/v1/portfolio'" },
    ],
    remedy:
      'Call the owner of the portfolio, who must decide. Until then, pause the losing pipelines (`POST ' +
      '/api/v1/pipelines/<id>/pause`): open positions stay, and no new ones are opened.',
    silence: 'Only by the owner of the portfolio, after deciding to hold.',
  },
} as const satisfies Record<keyof typeof tradingAlerts, Runbook>;
