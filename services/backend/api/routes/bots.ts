import { z } from 'zod';
import { readHoldings } from '#platform/ledger.ts';
import { pipelineIdSchema } from '#trading/ids.ts';
import type { PriceOf } from '#trading/ledger/valuation.ts';
import { formatMoney } from '#trading/money.ts';
import { tradingModes } from '#trading/orders/order.ts';
import { botStatusOf, shownBotStatuses } from '#trading/pipelines/pipeline-status.ts';
import { type BotResult, valueBot } from '../../pipelines/bots.ts';
import { type BotRow, readBot, readBots, readTradeCounts, type TradeCounts } from '../../store/bots.ts';
import { readOrders } from '../../store/orders.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import { pageQueryShape, pageSchema, parseListRequest, presentPage } from '../page.ts';
import type { Resource, RouteContext } from '../resource.ts';
import { orderSchema, presentOrder } from './orders.ts';
import { positionSchema, presentPosition } from './portfolio.ts';

const RECENT_ORDERS = 20;

const botSchema = z
  .object({
    bot_id: z.string().describe('Id of the pipeline'),
    name: z.string(),
    status: z.enum(shownBotStatuses),
    mode: z.enum(tradingModes),
    tickers: z.array(z.string()),
    trades: z.object({ filled: z.int(), rejected: z.int(), last_at: timeSchema.nullable() }),
    positions: z
      .array(positionSchema)
      .describe('Open and closed positions; a closed one has quantity 0 and its realised profit'),
    realised_pnl_usd: decimalSchema,
    unrealised_pnl_usd: decimalSchema.describe('Profit of the open positions at the last price'),
    pnl_usd: decimalSchema,
  })
  .meta({ id: 'Bot', description: 'A pipeline that trades: it has a trade-manager stage' });

const botDetailSchema = botSchema
  .extend({ recent_orders: z.array(orderSchema).describe(`The newest ${RECENT_ORDERS} orders`) })
  .meta({ id: 'BotDetail' });

const botListQuerySchema = z.object({
  ...pageQueryShape,
  status: z.enum(shownBotStatuses).optional().describe('Only bots with this status; default: all that are not deleted'),
});

export const bots: Resource = {
  tag: { name: 'bots', description: 'Pipelines that trade, with their profit' },
  addRoutes(app, { db, priceOf }) {
    app.get(
      '/api/v1/bots',
      {
        schema: {
          operationId: 'listBots',
          summary: 'List bots',
          description:
            'Pipelines that trade, newest first, with their trades, positions and profit. Deleted bots are listed only with `status=deleted`.',
          querystring: botListQuerySchema,
          response: { 200: pageSchema(botSchema, 'BotPage'), ...problemResponses({ 400: 'A parameter is wrong' }) },
        },
      },
      async ({ query }) => {
        const page = await readBots(db, parseListRequest(query));
        return presentPage(page, await readPresenter(db, page.rows, priceOf));
      },
    );

    app.get(
      '/api/v1/bots/:bot_id',
      {
        schema: {
          operationId: 'readBot',
          summary: 'Read a bot',
          description:
            'The answer includes the newest orders. To pause or delete a bot, use the routes of its pipeline.',
          params: z.object({ bot_id: pipelineIdSchema }),
          response: {
            200: botDetailSchema,
            ...problemResponses({ 404: 'There is no such pipeline, or it does not trade' }),
          },
        },
      },
      async ({ params: { bot_id: id } }) => {
        const row = expectFound(await readBot(db, id), 'bot', id);
        const [present, recent] = await Promise.all([
          readPresenter(db, [row], priceOf),
          readOrders(db, { limit: RECENT_ORDERS, filter: { pipeline_id: id } }),
        ]);
        return { ...present(row), recent_orders: recent.rows.map(presentOrder) };
      },
    );
  },
};

/**
 * Reads the trades and holdings of all these bots in two queries. Returns a function that builds the response item of a
 * bot.
 */
async function readPresenter(db: RouteContext['db'], rows: readonly BotRow[], priceOf: PriceOf) {
  const ids = rows.map((row) => row.pipeline_id);
  const [trades, holdings] = await Promise.all([readTradeCounts(db, ids), readHoldings(db, ids)]);
  const byBot = Map.groupBy(holdings, (holding) => holding.pipelineId);
  return (row: BotRow) =>
    presentBot(row, trades.get(row.pipeline_id), valueBot(byBot.get(row.pipeline_id) ?? [], priceOf));
}

function presentBot(row: BotRow, trades: TradeCounts | undefined, result: BotResult): z.output<typeof botSchema> {
  return {
    bot_id: row.pipeline_id,
    name: row.name,
    status: botStatusOf[row.status],
    mode: row.definition.mode,
    tickers: row.definition.tickers,
    trades: {
      filled: trades?.filled ?? 0,
      rejected: trades?.rejected ?? 0,
      last_at: trades?.lastAt?.toISOString() ?? null,
    },
    positions: result.positions.map(presentPosition),
    realised_pnl_usd: formatMoney(result.realisedPnlUsd),
    unrealised_pnl_usd: formatMoney(result.unrealisedPnlUsd),
    pnl_usd: formatMoney(result.pnlUsd),
  };
}
