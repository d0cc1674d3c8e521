import { type Kysely, sql } from 'kysely';
import { notDeleted } from '#platform/follow-declared-pipelines.ts';
import type { Database, PipelineRow } from '#platform/schema.ts';
import {
  type BotStatus,
  botStatuses,
  botStatusOf,
  pipelineStatusOf,
  type ShownBotStatus,
} from '#trading/pipelines/pipeline-status.ts';
import { TRADING_AGENT } from '../pipelines/bots.ts';
import { type ListRequest, type Page, readPage } from './read-page.ts';

export type BotRow = PipelineRow;

/** SQL condition that a pipeline is a bot, that is, has a stage that places orders. */
const isBot = sql<boolean>`definition -> 'stages' @> ${JSON.stringify([{ agent: TRADING_AGENT }])}::jsonb`;

export function readBots(
  db: Kysely<Database>,
  request: ListRequest<{ readonly status?: ShownBotStatus | undefined }>,
): Promise<Page<BotRow>> {
  const { status } = request.filter;
  const query = db.selectFrom('pipelines').selectAll().where(isBot);
  const filtered =
    status === undefined ? query.where(notDeleted) : query.where('status', '=', pipelineStatusOf[status]);
  return readPage(filtered, { time: 'created_at', id: 'pipeline_id' }, request);
}

export async function readBot(db: Kysely<Database>, botId: string): Promise<BotRow | undefined> {
  return db.selectFrom('pipelines').selectAll().where('pipeline_id', '=', botId).where(isBot).executeTakeFirst();
}

/** Counts the bots by status, without the deleted ones. */
export async function countBots(db: Kysely<Database>): Promise<Record<BotStatus, number>> {
  const rows = await db
    .selectFrom('pipelines')
    .select(['status', sql<number>`count(*)::int`.as('bots')])
    .where(isBot)
    .where(notDeleted)
    .groupBy('status')
    .execute();
  const counts = Object.fromEntries(botStatuses.map((status) => [status, 0])) as Record<BotStatus, number>;
  for (const { status, bots } of rows) counts[botStatusOf[status] as BotStatus] = bots;
  return counts;
}

export interface TradeCounts {
  filled: number;
  rejected: number;
  lastAt: Date | null;
}

/** Counts the orders of these bots by status. Returns the counts keyed by bot id. A bot without orders is absent. */
export async function readTradeCounts(
  db: Kysely<Database>,
  botIds: readonly string[],
): Promise<Map<string, TradeCounts>> {
  if (botIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('orders')
    .select([
      'pipeline_id',
      sql<number>`count(*) filter (where status = 'filled')::int`.as('filled'),
      sql<number>`count(*) filter (where status = 'rejected')::int`.as('rejected'),
      sql<Date | null>`max(created_at)`.as('lastAt'),
    ])
    .where('pipeline_id', 'in', botIds)
    .groupBy('pipeline_id')
    .execute();
  return new Map(rows.map(({ pipeline_id, ...counts }) => [pipeline_id, counts]));
}
