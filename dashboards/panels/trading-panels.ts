import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, limitSteps, palette, profitSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { toPipelineOfBot } from '../onward.ts';
import * as trading from '../queries/trading.ts';

/** What the desk owns, earns and does. Gauges of money end while the backend cannot value the portfolio. */
const UNVALUED = 'Not valued';

export const portfolioStat = buildStat({
  title: 'Portfolio value',
  description: 'Cash and positions at the last price. Empty while the backend cannot value a position.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.portfolioValue }],
  steps: amountSteps,
  history: true,
  whenEmpty: UNVALUED,
});

export const cashStat = buildStat({
  title: 'Cash',
  description: 'What can still be spent. Near 0: the risk manager refuses every purchase.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.cash }],
  steps: amountSteps,
  history: true,
  whenEmpty: UNVALUED,
});

export const profitStat = buildStat({
  title: 'Profit and loss',
  description: 'Realised and unrealised profit of all bots together. Red: a loss.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.profit }],
  steps: profitSteps,
  history: true,
  whenEmpty: 'No bot has traded',
});

export const drawdownStat = buildStat({
  title: 'Drawdown now',
  description:
    'Fall of the portfolio from its highest value so far. Red from the default threshold of HighPortfolioDrawdown.',
  unit: 'percentunit',
  decimals: 1,
  queries: [{ ask: trading.drawdown }],
  steps: limitSteps(alerts.HighPortfolioDrawdown.threshold),
  whenEmpty: UNVALUED,
});

export const portfolioPanel = buildTimeSeries({
  title: 'Portfolio value and cash over time',
  description:
    'Value of cash and positions, and the cash in it; what lies between is invested. A step in cash alone: an order; a slope ' +
    'in the value alone: the market.',
  unit: 'currencyUSD',
  free: true,
  queries: [
    { ask: trading.portfolioValue, legend: 'value' },
    { ask: trading.cash, legend: 'cash' },
  ],
  whenEmpty: UNVALUED,
});

export const drawdownPanel = buildTimeSeries({
  title: 'Drawdown',
  description:
    'Fall of the portfolio from its highest value so far. The dashed line is the default threshold of HighPortfolioDrawdown; ' +
    'the risk limits of each pipeline stop its purchases on their own.',
  unit: 'percentunit',
  queries: [{ ask: trading.drawdown, legend: 'drawdown' }],
  limit: alerts.HighPortfolioDrawdown.threshold,
  whenEmpty: UNVALUED,
});

export const botsPanel = buildBars({
  title: 'Bots by status',
  description:
    'Bots that run, are paused or are stopped. A bot is a pipeline that trades. None runs: NoActiveBotsRunning, where a ' +
    'resource turns that alert on.',
  unit: 'locale',
  query: { ask: trading.botsByStatus, legend: '{{status}}' },
  steps: amountSteps,
  whenEmpty: 'No backend reports bots',
});

export const profitByBotPanel = buildBars({
  title: 'P&L by bot',
  description:
    'Realised and unrealised profit of a bot over its symbols: the ten best and the ten worst. Red: a loss. A click narrows ' +
    'the dashboard to the bot.',
  unit: 'currencyUSD',
  decimals: 2,
  signed: true,
  query: { ask: trading.profitByBot, legend: '{{bot_id}}' },
  steps: profitSteps,
  whenEmpty: 'No bot has traded',
  onward: toPipelineOfBot,
});

export const positionsPanel = buildBars({
  title: 'Open positions by symbol',
  description:
    'Positions that bots hold in a symbol. Many in one symbol: bots follow the same signal, and their risks add up.',
  unit: 'locale',
  query: { ask: trading.openPositions, legend: '{{symbol}}' },
  steps: amountSteps,
  whenEmpty: 'No open position',
});

export const ordersPanel = buildTimeSeries({
  title: 'Trade volume: orders of the last hour',
  description:
    'Orders of the hour before each moment, by side and status. Rejected: the broker refused it, and the execution says why; ' +
    'nothing while executions succeed: the agents wait, or the risk manager refuses.',
  unit: 'short',
  queries: [{ ask: trading.ordersOfHour, legend: '{{side}}, {{status}}' }],
  stacked: true,
  coarse: true,
  colours: { '/, rejected$/': palette.bad },
  whenEmpty: 'No orders',
});

export const webSocketsPanel = buildTimeSeries({
  title: 'WebSocket connections',
  description:
    'Connections to the live stream, all backends together. A sudden end: the backend restarted or a proxy cut them; clients ' +
    'connect again by themselves.',
  unit: 'short',
  queries: [{ ask: trading.webSockets, legend: '{{endpoint}}' }],
  whenEmpty: 'No connection',
});
