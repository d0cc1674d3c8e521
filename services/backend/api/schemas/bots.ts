import { z } from 'zod';
import { formatMoney } from '#trading/ledger/valuation.ts';
import { type BotResult, botStatuses, botStatusOf } from '../../pipelines/bots.ts';
import { pipelineIdSchema } from '../../pipelines/pipeline-id.ts';
import type { BotRow, TradeCounts } from '../../store/bots.ts';
import { decimalSchema, pageQueryShape, pageSchema, timeSchema } from '../fields.ts';
import { orderSchema } from './orders.ts';
import { positionSchema, presentPosition } from './portfolio.ts';

export const botSchema = z
  .object({
    bot_id: z.string().describe('the id of its pipeline'),
    name: z.string(),
    status: z.enum(botStatuses),
    mode: z.enum(['paper', 'live']),
    tickers: z.array(z.string()),
    trades: z.object({ filled: z.int(), rejected: z.int(), last_at: timeSchema.nullable() }),
    positions: z.array(positionSchema).describe('also those that are closed, for what they brought'),
    realised_pnl_usd: decimalSchema,
    unrealised_pnl_usd: decimalSchema.describe('of what is held, at the last price'),
    pnl_usd: decimalSchema,
  })
  .meta({ id: 'Bot', description: 'A pipeline that trades: one with a trade-manager stage' });

export const botDetailSchema = botSchema
  .extend({ recent_orders: z.array(orderSchema).describe('the newest 20') })
  .meta({ id: 'BotDetail' });

export const botPageSchema = pageSchema(botSchema, 'BotPage');
export const botListQuerySchema = z.object({ ...pageQueryShape, status: z.enum(botStatuses).optional() });
export const botParamsSchema = z.object({ bot_id: pipelineIdSchema });

export function presentBot(
  row: BotRow,
  trades: TradeCounts | undefined,
  result: BotResult,
): z.output<typeof botSchema> {
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
