import { buildEqualLines, buildLine, type Section } from './layout.ts';
import * as market from './panels/market-panels.ts';
import * as trading from './panels/trading-panels.ts';

/** Trading Desk: portfolio, bots and orders. */
export const tradingDesk: readonly Section[] = [
  {
    title: 'Now',
    lines: buildEqualLines(4, [trading.portfolioStat, trading.cashStat, trading.profitStat, trading.drawdownStat]),
  },
  {
    title: 'Portfolio',
    lines: [buildLine(9, [trading.portfolioPanel, 12], [trading.drawdownPanel, 12])],
  },
  {
    title: 'Bots and their orders',
    lines: [
      buildLine(8, [trading.botsPanel, 6], [trading.profitByBotPanel, 10], [trading.positionsPanel, 8]),
      buildLine(8, [trading.ordersPanel, 24]),
    ],
  },
  {
    title: 'Market data and its listeners',
    lines: [buildLine(8, [market.marketUpdatesPanel, 8], [market.marketLagPanel, 8], [trading.webSocketsPanel, 8])],
  },
];
