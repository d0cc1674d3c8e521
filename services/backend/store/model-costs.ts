import { type Kysely, sql } from 'kysely';
import type { Database, ModelCallRow } from '#platform/schema.ts';

/** The keys by which costs can be grouped, each with its SQL expression. */
const keys = {
  day: sql<string>`to_char(started_at at time zone 'UTC', 'YYYY-MM-DD')`,
  pipeline: sql<string>`pipeline_id`,
  agent: sql<string>`agent`,
  model: sql<string>`model`,
} as const;
type CostKey = keyof typeof keys;
export const costKeys = Object.keys(keys) as [CostKey, ...CostKey[]];

interface CostQuery {
  by: CostKey;
  since: Date;
  pipeline_id?: string | undefined;
}

export interface CostRow {
  key: string;
  calls: number;
  input_tokens: string;
  output_tokens: string;
  cost_usd: string;
}

/**
 * Sums the cost of model calls, grouped by a key. Days are sorted newest first, all other keys by highest cost first.
 */
export async function readCosts(db: Kysely<Database>, { by, since, pipeline_id }: CostQuery): Promise<CostRow[]> {
  return (
    db
      .selectFrom('model_calls')
      .select([
        keys[by].as('key'),
        sql<number>`count(*)::int`.as('calls'),
        sql<string>`coalesce(sum(input_tokens), 0)`.as('input_tokens'),
        sql<string>`coalesce(sum(output_tokens), 0)`.as('output_tokens'),
        sql<string>`sum(cost_usd)`.as('cost_usd'),
      ])
      .where('started_at', '>=', since)
      .$if(pipeline_id !== undefined, (query) => query.where('pipeline_id', '=', pipeline_id ?? ''))
      .groupBy(keys[by])
      // The numbers refer to columns of the select list: 1 is the key, 5 is the cost.
      .orderBy(by === 'day' ? sql`1` : sql`5`, 'desc')
      .execute()
  );
}

export async function readModelCalls(db: Kysely<Database>, executionId: string): Promise<ModelCallRow[]> {
  return db.selectFrom('model_calls').selectAll().where('execution_id', '=', executionId).orderBy('call_id').execute();
}
