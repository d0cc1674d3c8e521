import type { PriceOf } from '#trading/ledger/valuation.ts';
import { valueBot } from '../../pipelines/bots.ts';
import { type BotRow, readBot, readBots, readTradeCounts } from '../../store/bots.ts';
import { readOrders } from '../../store/orders.ts';
import { readHoldings } from '../../store/portfolio.ts';
import type { Api } from '../api-instance.ts';
import { notFound } from '../errors/api-problem.ts';
import { buildPage, problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import { botDetailSchema, botListQuerySchema, botPageSchema, botParamsSchema, presentBot } from '../schemas/bots.ts';
import { presentOrder } from '../schemas/orders.ts';
import { parsePageRequest } from './page-request.ts';

const tags = ['bots'];
const RECENT_ORDERS = 20;

export function addBotRoutes(app: Api, { db, priceOf }: RouteContext): void {
  app.get(
    '/api/v1/bots',
    {
      schema: {
        tags,
        operationId: 'listBots',
        summary: 'List bots',
        description:
          'Pipelines that trade, newest first, with their trades, positions and profit. A stopped bot is a deleted pipeline.',
        querystring: botListQuerySchema,
        response: { 200: botPageSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const rows = await readBots(db, parsePageRequest(query), query.status);
      const present = await readPresenter(db, rows, priceOf);
      return buildPage(rows, query.limit, present, (row) => ({ time: row.cursor_time, id: row.pipeline_id }));
    },
  );

  app.get(
    '/api/v1/bots/:bot_id',
    {
      schema: {
        tags,
        operationId: 'readBot',
        summary: 'Read a bot',
        description: 'With its newest orders. Pause, resume and delete it as the pipeline it is.',
        params: botParamsSchema,
        response: {
          200: botDetailSchema,
          ...problemResponses({ 404: 'There is no such pipeline, or it does not trade' }),
        },
      },
    },
    async ({ params }) => {
      const row = await readBot(db, params.bot_id);
      if (!row) throw notFound('bot', params.bot_id);
      const [present, orders] = await Promise.all([
        readPresenter(db, [row], priceOf),
        readOrders(db, { limit: RECENT_ORDERS, after: undefined }, { pipeline_id: row.pipeline_id }),
      ]);
      return { ...present(row), recent_orders: orders.slice(0, RECENT_ORDERS).map(presentOrder) };
    },
  );
}

/** Reads what belongs to all of the bots at once. */
async function readPresenter(db: RouteContext['db'], rows: readonly BotRow[], priceOf: PriceOf) {
  const ids = rows.map((row) => row.pipeline_id);
  const [trades, holdings] = await Promise.all([readTradeCounts(db, ids), readHoldings(db, ids)]);
  const byBot = Map.groupBy(holdings, (holding) => holding.pipelineId);
  return (row: BotRow) =>
    presentBot(row, trades.get(row.pipeline_id), valueBot(byBot.get(row.pipeline_id) ?? [], priceOf));
}
