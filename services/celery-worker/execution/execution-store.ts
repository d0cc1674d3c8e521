import { type Kysely, sql } from 'kysely';
import type { ZodError } from 'zod';
import type { Database, ExecutionRow } from '#platform/schema.ts';
import type { AgentName } from '#trading/agents/agents.ts';
import {
  type EndStatus,
  ExecutionFailure,
  type StageStatus,
  type TriggerMode,
  unfinishedStatuses,
} from '#trading/executions/execution.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import type { PipelineStatus } from '#trading/pipelines/pipeline-status.ts';
import { parseTickerSignal, type TickerSignal } from '#trading/signals/signal.ts';

/**
 * This file reads and writes executions and their stages. Every write is idempotent, and none changes an execution that
 * has ended.
 */

export interface StoredStage {
  position: number;
  agent: AgentName;
  status: StageStatus;
  result: object;
  durationSeconds: number;
}

export interface ExecutionEnd {
  status: EndStatus;
  reason?: string;
  /** The stage that failed, to be stored together with the end of the execution; absent if no stage failed. */
  failedStage?: StoredStage;
}

/**
 * The end of an execution, as stored. Only the caller whose write stored the end receives it, and counts it in the
 * metrics.
 */
export interface StoredEnd {
  status: EndStatus;
  pipelineId: string;
  triggerMode: TriggerMode;
  durationSeconds: number;
  costUsd: number;
}

/**
 * Marks an execution as running and returns its row. Returns undefined if the execution has ended or does not exist.
 */
export async function beginExecution(db: Kysely<Database>, executionId: string): Promise<ExecutionRow | undefined> {
  return db
    .updateTable('executions')
    .set({ status: 'running', started_at: sql<Date>`coalesce(started_at, now())` })
    .where('execution_id', '=', executionId)
    .where('status', 'in', unfinishedStatuses)
    .returningAll()
    .executeTakeFirst();
}

export async function executionExists(db: Kysely<Database>, executionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('executions')
    .select('execution_id')
    .where('execution_id', '=', executionId)
    .executeTakeFirst();
  return row !== undefined;
}

export interface RunPipeline {
  pipelineId: string;
  status: PipelineStatus;
  definition: PipelineDefinition;
}

/** @throws ExecutionFailure if this version does not understand the stored definition */
export async function readPipeline(db: Kysely<Database>, pipelineId: string): Promise<RunPipeline> {
  const row = await db
    .selectFrom('pipelines')
    .select(['definition', 'status'])
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirstOrThrow();
  const parsed = pipelineSchema.safeParse(row.definition);
  if (!parsed.success) throw new ExecutionFailure('PIPELINE_INVALID', describeIssues(parsed.error));
  return { pipelineId, status: row.status, definition: parsed.data };
}

function describeIssues({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/**
 * Reads what the signal of an execution says about the execution's ticker. Returns undefined if no signal started the execution.
 * @throws ExecutionFailure if the signal is not stored, or does not name the ticker
 */
export async function readTickerSignal(
  db: Kysely<Database>,
  execution: ExecutionRow,
): Promise<TickerSignal | undefined> {
  const { signal_id: signalId, ticker } = execution;
  if (signalId === null) return undefined;
  const row = await db.selectFrom('signals').select('signal').where('signal_id', '=', signalId).executeTakeFirst();
  const signal = row && parseTickerSignal(row.signal, ticker);
  if (!signal) throw new ExecutionFailure('SIGNAL_NOT_FOUND', `${signalId}, ${ticker}`);
  return signal;
}

interface DoneStage {
  position: number;
  agent: AgentName;
  result: unknown;
}

/** Reads the successful stages of an execution, in order. */
export async function readDoneStages(db: Kysely<Database>, executionId: string): Promise<DoneStage[]> {
  return db
    .selectFrom('execution_stages')
    .select(['position', 'agent', 'result'])
    .where('execution_id', '=', executionId)
    .where('status', '=', 'success')
    .orderBy('position')
    .execute();
}

/**
 * Stores the result of a stage. Returns false if another worker that runs the same execution has already stored the
 * stage.
 */
export async function storeStage(db: Kysely<Database>, executionId: string, stage: StoredStage): Promise<boolean> {
  const { position, agent, status, result, durationSeconds } = stage;
  const stored = await db
    .insertInto('execution_stages')
    .values({
      execution_id: executionId,
      position,
      agent,
      status,
      result: JSON.stringify(result),
      duration_seconds: durationSeconds,
      cost_usd: costOfCalls(executionId, agent),
    })
    .onConflict((conflict) => conflict.columns(['execution_id', 'position']).doNothing())
    .returning('position')
    .executeTakeFirst();
  return stored !== undefined;
}

/**
 * Stores the end of an execution and returns it, so that the caller can count it. Returns undefined if the execution
 * had already ended.
 */
export async function endExecution(
  db: Kysely<Database>,
  executionId: string,
  end: ExecutionEnd,
): Promise<StoredEnd | undefined> {
  return db.transaction().execute(async (transaction) => {
    if (end.failedStage) await storeStage(transaction, executionId, end.failedStage);
    const row = await transaction
      .updateTable('executions')
      .set({
        status: end.status,
        reason: end.reason ?? null,
        started_at: sql<Date>`coalesce(started_at, now())`,
        finished_at: sql<Date>`now()`,
        cost_usd: costOfCalls(executionId),
      })
      .where('execution_id', '=', executionId)
      .where('status', 'in', unfinishedStatuses)
      .returning(['pipeline_id', 'trigger_mode', 'cost_usd', elapsedSeconds.as('seconds')])
      .executeTakeFirst();
    return row && describeEnd(end.status, row);
  });
}

/**
 * Returns an SQL expression for the cost of an execution's model calls, failed calls included: the calls of one agent,
 * or of all agents if `agent` is undefined.
 */
function costOfCalls(executionId: string, agent?: AgentName) {
  const asked = agent === undefined ? sql`` : sql` and agent = ${agent}`;
  return sql<string>`(select coalesce(sum(cost_usd), 0) from model_calls where execution_id = ${executionId}${asked})`;
}

const elapsedSeconds = sql<number>`extract(epoch from finished_at - started_at)::double precision`;

function describeEnd(
  status: EndStatus,
  row: { pipeline_id: string; trigger_mode: TriggerMode; cost_usd: string; seconds: number },
): StoredEnd {
  const { pipeline_id: pipelineId, trigger_mode: triggerMode, cost_usd: cost, seconds: durationSeconds } = row;
  return { status, pipelineId, triggerMode, durationSeconds, costUsd: Number(cost) };
}
