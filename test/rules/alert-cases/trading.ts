import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from '../alert-case.ts';
import { of } from '../series-text.ts';
import { bots, drawdown, late, up } from './series.ts';

export const tradingCases: readonly AlertCase<AlertName>[] = [
  {
    alert: 'NoActiveBotsRunning',
    what: 'no bot runs',
    series: { [bots]: '0x40' },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    labels: { severity: 'warning', service: 'backend' },
    says: 'Bots with the status running: 0.',
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'the series does not exist',
    series: { [up]: '1x40' },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    documented: 'sum(trading_bots_active_total{status="running"}) == 0',
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'one bot runs, and trades nothing',
    series: { [bots]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'a bot begins to run',
    series: { [bots]: '0x40 1x20' },
    firesAt: ['10m'],
    silentAt: ['10m30s'],
  },

  {
    alert: 'HighMarketDataLag',
    what: 'bars are 10 to 30 seconds late',
    series: { [late('5')]: '0x80', [late('10')]: '0x80', [late('30')]: '0+1x80', [late('+Inf')]: '0+1x80' },
    silentAt: ['2m'],
    firesAt: ['2m15s', '15m'],
    labels: { severity: 'warning', service: 'backend' },
    says: 'One bar in twenty of the last 5m was more than 29s late (limit 5s).',
  },
  {
    alert: 'HighMarketDataLag',
    what: 'bars are in time again',
    series: { [late('5')]: '0x40 0+1x60', [late('30')]: '0+1x100', [late('+Inf')]: '0+1x100' },
    firesAt: ['10m', '12m'],
    silentAt: ['16m', '24m'],
  },
  {
    alert: 'HighMarketDataLag',
    what: 'bars are in time again, but the documented form still fires',
    series: { [late('5')]: '0x40 0+1x60', [late('30')]: '0+1x100', [late('+Inf')]: '0+1x100' },
    silentAt: ['16m'],
    documented: 'histogram_quantile(0.95, market_data_lag_seconds_bucket) > 5',
  },
  {
    alert: 'HighMarketDataLag',
    what: 'no bars come',
    series: { [late('5')]: '0x80', [late('30')]: '7x80', [late('+Inf')]: '7x80' },
    silentAt: ['2m15s', '15m'],
    idle: true,
  },
  {
    alert: 'HighMarketDataLag',
    what: 'one bar in seventeen is 5 to 10 seconds late',
    series: { [late('5')]: '0+94x80', [late('10')]: '0+100x80', [late('+Inf')]: '0+100x80' },
    firesAt: ['15m'],
  },

  {
    alert: 'HighPortfolioDrawdown',
    what: 'the portfolio is a fifth below its peak, and most of it is invested',
    series: {
      [drawdown]: '0.2x40',
      [of('backend', 'portfolio_total_value_usd')]: '80000x40',
      [of('backend', 'portfolio_cash_balance_usd')]: '10000x40',
    },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    labels: { severity: 'critical', service: 'backend' },
    says: 'The portfolio is worth 20% less than at its peak (limit 15%).',
    documented: '(portfolio_total_value_usd - portfolio_cash_balance_usd) / portfolio_cash_balance_usd < -0.15',
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'the drawdown is at the limit',
    series: { [drawdown]: '0.15x40' },
    silentAt: ['5m', '9m'],
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'the portfolio recovers',
    series: { [drawdown]: '0.2x24 0.1x40' },
    firesAt: ['6m'],
    silentAt: ['7m'],
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'nothing was ever traded',
    series: { [up]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'one of two backends has just begun to value the portfolio',
    series: { [drawdown]: '0.2x40', [of('backend', 'portfolio_drawdown_ratio', { pod: 'b' })]: '0x40' },
    firesAt: ['5m'],
  },
];
