/** Panels about market data: do bars arrive, and in time? */
import { alerts } from '#catalogue/alerts.ts';
import { buildStat } from '../kinds/stat.ts';
import { amountSteps, palette } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import { toServiceOfSeries } from '../onward.ts';
import * as market from '../queries/trading.ts';
import { webSocketsPanel } from './trading-panels.ts';

const marketsOpenPanel = buildStat({
  title: 'Markets open',
  description: 'Symbols whose market is open, so that bars and signals are due. At 0, a quiet dashboard is normal.',
  unit: 'locale',
  decimals: 0,
  queries: [{ ask: market.marketsOpen }],
  steps: amountSteps,
  whenEmpty: 'Unknown',
});

const marketUpdatesPanel = buildTimeSeries({
  title: 'Market data updates',
  description:
    'Bars received per second, by the service that receives them. If all lines end, the source is gone. If one ends, ' +
    'that service no longer consumes bars. Rejected messages are not bars or cannot be stored; the topic ' +
    'market-data-dlq has them with the reason. A click narrows the dashboard to the service.',
  unit: 'ops',
  queries: [
    { ask: market.updateRate, legend: '{{job}}' },
    { ask: market.barRejectRate, legend: '{{job}}, rejected' },
  ],
  colours: { '/, rejected$/': palette.bad },
  whenEmpty: 'No bars',
  onward: toServiceOfSeries,
});

const marketLagPanel = buildQuantiles({
  title: 'Market data lag P50, P95, P99',
  description:
    'Time from when a bar was due until it was handled. The dashed line is the default threshold of ' +
    'HighMarketDataLag: above it, orders are placed at outdated prices.',
  unit: 's',
  of: [market.lagP50, market.lagP95, market.lagP99],
  limit: alerts.HighMarketDataLag.threshold,
  whenEmpty: 'No bars',
});

export const marketSection: Section = {
  title: 'Market data, of which they are made',
  lines: [buildLine(8, [marketsOpenPanel, 4], [marketUpdatesPanel, 10], [marketLagPanel, 10])],
};

export const listenersSection: Section = {
  title: 'Market data and its listeners',
  lines: [buildLine(8, [marketUpdatesPanel, 8], [marketLagPanel, 8], [webSocketsPanel, 8])],
};
