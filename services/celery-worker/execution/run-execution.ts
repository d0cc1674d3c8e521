import type { Kysely } from 'kysely';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { Database, ExecutionRow } from '#platform/schema.ts';
import { ExecutionFailure, ExecutionTaken } from '#trading/executions/execution-failure.ts';
import { type PlannedStage, planStages } from '#trading/executions/stage-plan.ts';
import { parseStageResults } from '#trading/executions/stages.ts';
import { checkStart, type StartRefusal } from '#trading/executions/start-checks.ts';
import { BudgetExhausted } from '#trading/models/model-budget.ts';
import { Exact } from '#trading/money.ts';
import { readSpentToday } from '../model/model-ledger.ts';
import type { Agents, StageSubject } from './create-agents.ts';
import {
  beginExecution,
  type ExecutionEnd,
  endExecution,
  executionExists,
  type RunPipeline,
  readDoneStages,
  readPipeline,
  readTickerSignal,
  type StoredEnd,
  type StoredStage,
  storeStage,
} from './execution-store.ts';

export interface RunOptions {
  db: Kysely<Database>;
  agents: Agents;
  clock: () => Date;
  log: Logger;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
}

/** A stage threw what may pass when it is tried again. */
export class StageError extends Error {
  readonly stage: StoredStage;

  constructor(stage: StoredStage, cause: unknown) {
    super(`stage ${stage.agent} failed: ${describeError(cause)}`, { cause });
    this.name = 'StageError';
    this.stage = stage;
  }
}

/**
 * Runs an execution from after its last stored stage to its end, and stores and counts that end. Safe to run again, at
 * any point and at the same time: an execution that has ended is left as it is.
 * @throws what may pass when it is tried again; a fault that does not is stored as the end
 */
export async function runExecution(executionId: string, options: RunOptions): Promise<void> {
  const { db, log } = options;
  const execution = await beginExecution(db, executionId);
  if (!execution) {
    const exists = await executionExists(db, executionId);
    if (exists) log.info({ execution_id: executionId }, 'execution has ended already');
    else log.error({ execution_id: executionId }, 'the execution of a job is not in the database');
    return;
  }
  markProgress(options);
  const leave = enterExecution(execution, options);
  try {
    const end = await runToEnd(execution, options);
    await finishExecution(executionId, end, options);
  } finally {
    leave();
  }
}

/** Stores the end of an execution and, when this call was what ended it, counts it: once, after the commit. */
export async function finishExecution(executionId: string, end: ExecutionEnd, options: RunOptions): Promise<void> {
  const stored = await endExecution(options.db, executionId, end);
  if (!stored) return;
  markProgress(options);
  if (end.failedStage) countStage(end.failedStage, options);
  countEnd(stored, options);
  const fields = { execution_id: executionId, pipeline_id: stored.pipelineId, status: end.status, reason: end.reason };
  options.log.info({ ...fields, seconds: stored.durationSeconds }, 'execution ended');
}

/** How an execution ends that failed at each attempt. */
export function describeLastFailure(error: unknown): ExecutionEnd {
  const failure = new ExecutionFailure('STAGE_FAILED', describeError(error));
  return {
    status: 'failed',
    reason: failure.message,
    ...(error instanceof StageError && { failedStage: error.stage }),
  };
}

async function runToEnd(execution: ExecutionRow, options: RunOptions): Promise<ExecutionEnd> {
  const { db } = options;
  try {
    const done = await readDoneStages(db, execution.execution_id);
    const pipeline = await readPipeline(db, execution.pipeline_id);
    const refusal = done.length === 0 ? await checkBeforeStages(pipeline, options) : undefined;
    if (refusal) return refusal;
    const signal = await readTickerSignal(db, execution);
    const subject = { execution, pipeline, signal, results: parseStageResults(done) };
    return await runStages(planStages(pipeline.definition.stages, done), subject, options);
  } catch (error) {
    if (error instanceof ExecutionFailure) return { status: 'failed', reason: error.message };
    if (error instanceof BudgetExhausted) return { status: 'skipped', reason: error.message };
    throw error;
  }
}

async function checkBeforeStages(pipeline: RunPipeline, { db, clock }: RunOptions): Promise<StartRefusal | undefined> {
  const { status, definition } = pipeline;
  const facts = { pipelineStatus: status, mode: definition.mode, agents: definition.stages.map(({ agent }) => agent) };
  if (!definition.budget) return checkStart(facts);
  const spentTodayUsd = await readSpentToday(db, pipeline.pipelineId, clock());
  return checkStart({ ...facts, budget: { dailyUsd: new Exact(definition.budget.dailyUsd), spentTodayUsd } });
}

async function runStages(
  plan: readonly PlannedStage[],
  subject: StageSubject,
  options: RunOptions,
): Promise<ExecutionEnd> {
  let results = subject.results;
  for (const planned of plan) {
    const stage = await runStage(planned, { ...subject, results }, options);
    if (stage.status === 'failed') return { status: 'failed', reason: stage.reason, failedStage: stage };
    const isNew = await storeStage(options.db, subject.execution.execution_id, stage);
    if (!isNew) throw new ExecutionTaken(subject.execution.execution_id);
    markProgress(options);
    countStage(stage, options);
    results = { ...results, [stage.agent]: stage.result };
  }
  return { status: 'success' };
}

type RanStage = (StoredStage & { status: 'success' }) | (StoredStage & { status: 'failed'; reason: string });

/** @throws StageError for what may pass; ExecutionTaken; BudgetExhausted */
async function runStage(
  { position, agent }: PlannedStage,
  subject: StageSubject,
  options: RunOptions,
): Promise<RanStage> {
  const began = performance.now();
  const stage = <Status extends 'success' | 'failed'>(status: Status, result: object) => {
    return { position, agent, status, result, durationSeconds: (performance.now() - began) / 1_000 };
  };
  const { pipelineId } = subject.pipeline;
  const attributes = { 'pipeline.id': pipelineId, ticker: subject.execution.ticker, agent };
  try {
    const result = await withSpan(`stage ${agent}`, { attributes }, () => options.agents[agent](subject));
    return stage('success', result);
  } catch (error) {
    if (error instanceof ExecutionTaken || error instanceof BudgetExhausted) throw error;
    const failed = stage('failed', { error: describeError(error) });
    if (!(error instanceof ExecutionFailure)) throw new StageError(failed, error);
    return { ...failed, reason: error.message };
  }
}

/** Counts the execution as active until the function it returns is called. */
function enterExecution({ pipeline_id, trigger_mode }: ExecutionRow, { instruments }: RunOptions): () => void {
  const active = instruments.gauge('pipeline_executions_active');
  active.add(1, { pipeline_id, trigger_mode });
  return () => active.add(-1, { pipeline_id, trigger_mode });
}

function markProgress({ instruments, clock }: RunOptions): void {
  instruments.gauge('pipeline_last_progress_timestamp_seconds').set(clock().getTime() / 1_000);
}

function countStage({ agent, status, durationSeconds }: StoredStage, { instruments }: RunOptions): void {
  instruments.histogram('agent_execution_duration_seconds').record(durationSeconds, { agent, status });
}

function countEnd(
  { status, pipelineId, triggerMode, durationSeconds, costUsd }: StoredEnd,
  { instruments }: RunOptions,
): void {
  if (status === 'skipped') return;
  instruments
    .counter('pipeline_executions_total')
    .add(1, { status, pipeline_id: pipelineId, trigger_mode: triggerMode });
  instruments
    .histogram('pipeline_execution_duration_seconds')
    .record(durationSeconds, { status, pipeline_id: pipelineId });
  instruments.histogram('pipeline_execution_cost_usd').record(costUsd, { pipeline_id: pipelineId });
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
