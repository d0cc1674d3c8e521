import { type Kysely, sql } from 'kysely';
import type { Database, PipelineRow } from '#platform/schema.ts';
import { type BotStatus, botStatuses, botStatusOf, pipelineStatusOf, TRADING_AGENT } from '../pipelines/bots.ts';
import { afterPosition, cursorTime, type PageRequest } from './read-page.ts';

export type BotRow = PipelineRow;

/** A pipeline is a bot when it has a stage that trades. */
const isBot = sql<boolean>`definition -> 'stages' @> ${JSON.stringify([{ agent: TRADING_AGENT }])}::jsonb`;

export async function readBots(db: Kysely<Database>, page: PageRequest, status: BotStatus | undefined) {
  let query = db.selectFrom('pipelines').selectAll().select(cursorTime('created_at').as('cursor_time')).where(isBot);
  if (status !== undefined) query = query.where('status', '=', pipelineStatusOf[status]);
  if (page.after) query = query.where(afterPosition('created_at', 'pipeline_id', page.after));
  return query
    .orderBy('created_at', 'desc')
    .orderBy('pipeline_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

export async function readBot(db: Kysely<Database>, botId: string): Promise<BotRow | undefined> {
  return db.selectFrom('pipelines').selectAll().where('pipeline_id', '=', botId).where(isBot).executeTakeFirst();
}

/** How many bots there are in each status. */
export async function countBots(db: Kysely<Database>): Promise<Record<BotStatus, number>> {
  const rows = await db
    .selectFrom('pipelines')
    .select(['status', sql<number>`count(*)::int`.as('bots')])
    .where(isBot)
    .groupBy('status')
    .execute();
  const counts = Object.fromEntries(botStatuses.map((status) => [status, 0])) as Record<BotStatus, number>;
  for (const { status, bots } of rows) counts[botStatusOf[status]] = bots;
  return counts;
}

export interface TradeCounts {
  filled: number;
  rejected: number;
  lastAt: Date | null;
}

/** Orders of some bots, counted. */
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
