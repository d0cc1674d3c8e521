import { z } from 'zod';
import { readPortfolio } from '#platform/ledger.ts';
import { type PortfolioValue, type ValuedHolding, valuePortfolio } from '#trading/ledger/valuation.ts';
import { Exact, formatMoney } from '#trading/money.ts';
import { problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import type { Resource } from '../resource.ts';

export const positionSchema = z
  .object({
    pipeline_id: z.string(),
    symbol: z.string(),
    quantity: decimalSchema,
    average_price: decimalSchema.describe('Average cost of one unit, USD'),
    last_price: decimalSchema
      .nullable()
      .describe('Close of the newest bar; null if there is no bar: the position is then valued at cost'),
    value_usd: decimalSchema,
    realised_pnl_usd: decimalSchema,
    unrealised_pnl_usd: decimalSchema,
    pnl_usd: decimalSchema,
  })
  .meta({ id: 'Position' });

const portfolioSchema = z
  .object({
    cash_usd: decimalSchema,
    positions: z.array(positionSchema).describe('Open positions'),
    total_value_usd: decimalSchema.describe('Cash and positions, valued at the last price'),
    peak_value_usd: decimalSchema.describe('Highest total value so far'),
    drawdown_ratio: z.number().min(0).max(1).describe('Fall of the total value from its peak, 0 to 1'),
    realised_pnl_usd: decimalSchema,
    unrealised_pnl_usd: decimalSchema,
    pnl_usd: decimalSchema,
    valued_at: timeSchema,
  })
  .meta({ id: 'Portfolio' });

export const portfolio: Resource = {
  tag: { name: 'portfolio', description: 'Cash and positions' },
  addRoutes(app, { db, priceOf, now }) {
    app.get(
      '/api/v1/portfolio',
      {
        schema: {
          operationId: 'readPortfolio',
          summary: 'Read the portfolio',
          description: 'Cash and the positions of all bots, valued at the last prices at the time of the request.',
          response: { 200: portfolioSchema, ...problemResponses({}) },
        },
      },
      async () => presentPortfolio(valuePortfolio(await readPortfolio(db), priceOf), now()),
    );
  },
};

export function presentPosition(holding: ValuedHolding): z.output<typeof positionSchema> {
  return {
    pipeline_id: holding.pipelineId,
    symbol: holding.symbol,
    quantity: formatMoney(holding.quantity),
    average_price: formatMoney(holding.averagePrice),
    last_price: holding.lastPrice ? formatMoney(holding.lastPrice) : null,
    value_usd: formatMoney(holding.valueUsd),
    realised_pnl_usd: formatMoney(holding.realisedPnlUsd),
    unrealised_pnl_usd: formatMoney(holding.unrealisedPnlUsd),
    pnl_usd: formatMoney(holding.pnlUsd),
  };
}

function presentPortfolio(value: PortfolioValue, now: Date): z.output<typeof portfolioSchema> {
  return {
    cash_usd: formatMoney(value.cashUsd),
    positions: value.holdings.filter(({ quantity }) => new Exact(quantity).gt(0)).map(presentPosition),
    total_value_usd: formatMoney(value.totalValueUsd),
    peak_value_usd: formatMoney(value.peakValueUsd),
    drawdown_ratio: value.drawdownRatio.toNumber(),
    realised_pnl_usd: formatMoney(value.realisedPnlUsd),
    unrealised_pnl_usd: formatMoney(value.unrealisedPnlUsd),
    pnl_usd: formatMoney(value.realisedPnlUsd.add(value.unrealisedPnlUsd)),
    valued_at: now.toISOString(),
  };
}
