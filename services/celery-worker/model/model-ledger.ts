import type { Kysely } from 'kysely';
import { readReserved } from '#platform/model-spending.ts';
import type { Database } from '#platform/schema.ts';
import { BudgetExhausted, isSpent } from '#trading/limits.ts';
import type { EndedCallStatus, ModelAgent, Tokens } from '#trading/models/question.ts';
import { Exact } from '#trading/money.ts';
import { pipelineSchema } from '#trading/pipelines/pipeline.ts';

interface CallToReserve {
  readonly executionId: string;
  readonly pipelineId: string;
  readonly agent: ModelAgent;
  readonly model: string;
  /** The most that the call can cost, USD. This amount is reserved before the call. */
  readonly maxUsd: Exact;
}

/**
 * Reserves the maximum cost of a call before the call is made, under the lock of its pipeline. Each call therefore sees
 * the reservations of concurrent calls, and all workers together overrun a budget by less than the cost of one call. If
 * the worker dies, the reservation remains.
 * @returns the id of the call
 * @throws BudgetExhausted
 */
export async function reserveCall(db: Kysely<Database>, call: CallToReserve, now: Date): Promise<string> {
  return db.transaction().execute(async (transaction) => {
    const { definition } = await transaction
      .selectFrom('pipelines')
      .select('definition')
      .where('pipeline_id', '=', call.pipelineId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const { budget } = pipelineSchema.pick({ budget: true }).parse(definition);
    if (budget) {
      const spentTodayUsd = await readSpentToday(transaction, call.pipelineId, now);
      const today = { dailyUsd: new Exact(budget.dailyUsd), spentTodayUsd };
      if (isSpent(today)) throw new BudgetExhausted(today);
    }
    const { call_id } = await transaction
      .insertInto('model_calls')
      .values({
        execution_id: call.executionId,
        pipeline_id: call.pipelineId,
        agent: call.agent,
        model: call.model,
        cost_usd: call.maxUsd.toString(),
        started_at: now,
      })
      .returning('call_id')
      .executeTakeFirstOrThrow();
    return call_id;
  });
}

export interface EndedCall {
  readonly status: EndedCallStatus;
  readonly costUsd: Exact;
  readonly tokens?: Tokens | undefined;
}

/** Stores the end of a call, and replaces the reserved maximum by the actual cost. */
export async function settleCall(
  db: Kysely<Database>,
  callId: string,
  { status, costUsd, tokens }: EndedCall,
  now: Date,
): Promise<void> {
  await db
    .updateTable('model_calls')
    .set({
      status,
      cost_usd: costUsd.toString(),
      input_tokens: tokens?.input ?? null,
      output_tokens: tokens?.output ?? null,
      finished_at: now,
    })
    .where('call_id', '=', callId)
    .execute();
}

/**
 * Reads what a pipeline has spent on model calls since midnight UTC. Calls that have not ended count with their maximum
 * cost.
 */
export async function readSpentToday(db: Kysely<Database>, pipelineId: string, now: Date): Promise<Exact> {
  const spent = await readReserved(db, [pipelineId], now);
  return new Exact(spent.get(pipelineId) ?? 0);
}
