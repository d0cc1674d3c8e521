/**
 * Panels about portfolio, bots and orders. Series of money values have a gap while the backend has no price for a
 * position.
 */
import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, limitSteps, palette, profitSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { buildEqualLines, buildLine, type Section } from '../layout.ts';
import { toPipelineOfBot } from '../onward.ts';
import * as trading from '../queries/trading.ts';

const UNVALUED = 'Not valued';

const portfolioStat = buildStat({
  title: 'Portfolio value',
  description: 'Cash, and positions at their last price. Empty while the backend has no price for a position.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.portfolioValue }],
  steps: amountSteps,
  history: true,
  whenEmpty: UNVALUED,
});

const cashStat = buildStat({
  title: 'Cash',
  description: 'Cash that can still be spent. Near 0, the risk manager refuses every purchase.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.cash }],
  steps: amountSteps,
  history: true,
  whenEmpty: UNVALUED,
});

const profitStat = buildStat({
  title: 'Profit and loss',
  description: 'Realised and unrealised profit of all bots together. Red is a loss.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.profit }],
  steps: profitSteps,
  history: true,
  whenEmpty: 'No bot has traded',
});

const drawdownStat = buildStat({
  title: 'Drawdown now',
  description:
    'Fall of the portfolio from its highest value so far. Red from the default threshold of HighPortfolioDrawdown.',
  unit: 'percentunit',
  decimals: 1,
  queries: [{ ask: trading.drawdown }],
  steps: limitSteps(alerts.HighPortfolioDrawdown.threshold),
  whenEmpty: UNVALUED,
});

const portfolioPanel = buildTimeSeries({
  title: 'Portfolio value and cash over time',
  description:
    'Value of cash and positions, and the cash in it; the difference is invested. A step in cash alone is an order. ' +
    'A slope in the value alone is the market.',
  unit: 'currencyUSD',
  free: true,
  queries: [
    { ask: trading.portfolioValue, legend: 'value' },
    { ask: trading.cash, legend: 'cash' },
  ],
  whenEmpty: UNVALUED,
});

const drawdownPanel = buildTimeSeries({
  title: 'Drawdown',
  description:
    'Fall of the portfolio from its highest value so far. The dashed line is the default threshold of ' +
    'HighPortfolioDrawdown. The risk limits of each pipeline stop its purchases independently of this alert.',
  unit: 'percentunit',
  queries: [{ ask: trading.drawdown, legend: 'drawdown' }],
  limit: alerts.HighPortfolioDrawdown.threshold,
  whenEmpty: UNVALUED,
});

const botsPanel = buildBars({
  title: 'Bots by status',
  description:
    'Bots that are running, paused or stopped. A bot is a pipeline that trades. If none runs, NoActiveBotsRunning ' +
    'fires, if a TradingPipeline enables it.',
  unit: 'locale',
  query: { ask: trading.botsByStatus, legend: '{{status}}' },
  steps: amountSteps,
  whenEmpty: 'No backend reports bots',
});

const profitByBotPanel = buildBars({
  title: 'P&L by bot',
  description:
    'Realised and unrealised profit of a bot over all its symbols, for the ten best and the ten worst bots. Red is a ' +
    'loss. A click narrows the dashboard to the bot.',
  unit: 'currencyUSD',
  decimals: 2,
  signed: true,
  query: { ask: trading.profitByBot, legend: '{{bot_id}}' },
  steps: profitSteps,
  whenEmpty: 'No bot has traded',
  onward: toPipelineOfBot,
});

const positionsPanel = buildBars({
  title: 'Open positions by symbol',
  description:
    'Number of positions that bots hold in a symbol. Many positions in one symbol mean that bots follow the same ' +
    'signal, so their risks add up.',
  unit: 'locale',
  query: { ask: trading.openPositions, legend: '{{symbol}}' },
  steps: amountSteps,
  whenEmpty: 'No open position',
});

const ordersPanel = buildTimeSeries({
  title: 'Trade volume: orders of the last hour',
  description:
    'Orders of the hour before each moment, by side and status. Rejected orders were refused by the broker; the ' +
    'execution says why. If there are no orders while executions succeed, the agents decide to wait, or the risk ' +
    'manager refuses.',
  unit: 'short',
  queries: [{ ask: trading.ordersOfHour, legend: '{{side}}, {{status}}' }],
  stacked: true,
  coarse: true,
  colours: { '/, rejected$/': palette.bad },
  whenEmpty: 'No orders',
});

const volumePanel = buildTimeSeries({
  title: 'Trade volume in USD of the last hour',
  description:
    'Value of the filled orders of the hour before each moment, without fees, by side. Orders that the broker refused ' +
    'are not in it.',
  unit: 'currencyUSD',
  queries: [{ ask: trading.volumeOfHour, legend: '{{side}}' }],
  stacked: true,
  coarse: true,
  whenEmpty: 'No orders',
});

export const webSocketsPanel = buildTimeSeries({
  title: 'WebSocket connections',
  description:
    'Connections to the live stream, over all backends. If they end suddenly, the backend restarted or a proxy ' +
    'closed them; clients connect again by themselves.',
  unit: 'short',
  queries: [{ ask: trading.webSockets, legend: '{{endpoint}}' }],
  whenEmpty: 'No connection',
});

export const tradingNowSection: Section = {
  title: 'Now',
  lines: buildEqualLines(4, [portfolioStat, cashStat, profitStat, drawdownStat]),
};

export const portfolioSection: Section = {
  title: 'Portfolio',
  lines: [buildLine(9, [portfolioPanel, 12], [drawdownPanel, 12])],
};

export const botsSection: Section = {
  title: 'Bots and their orders',
  lines: [
    buildLine(8, [botsPanel, 6], [profitByBotPanel, 10], [positionsPanel, 8]),
    buildLine(8, [ordersPanel, 12], [volumePanel, 12]),
  ],
};
