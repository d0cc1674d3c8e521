import { valuePortfolio } from '#trading/ledger/valuation.ts';
import { readPortfolio } from '../../store/portfolio.ts';
import type { Api } from '../api-instance.ts';
import { problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import { portfolioSchema, presentPortfolio } from '../schemas/portfolio.ts';

export function addPortfolioRoute(app: Api, { db, priceOf, now }: RouteContext): void {
  app.get(
    '/api/v1/portfolio',
    {
      schema: {
        tags: ['portfolio'],
        operationId: 'readPortfolio',
        summary: 'Read the portfolio',
        description: 'Cash and positions of all bots, valued at the last prices when asked.',
        response: { 200: portfolioSchema, ...problemResponses({}) },
      },
    },
    async () => presentPortfolio(valuePortfolio(await readPortfolio(db), priceOf), now()),
  );
}
