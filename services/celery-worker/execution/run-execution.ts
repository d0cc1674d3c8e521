import { type Context, SpanKind, type SpanOptions } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { EmittedBy } from '#catalogue/metrics.ts';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE, type JobEnd } from '#catalogue/topics.ts';
import type { Logger } from '#kit/log.ts';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { describeMessage, extractTrace, withSpan } from '#kit/telemetry/traces/tracing.ts';
import { JobPutBack, type RunningJob } from '#platform/execution-queue.ts';
import type { Database, ExecutionRow } from '#platform/schema.ts';
import { ExecutionFailure, ExecutionTaken, type StageStatus } from '#trading/executions/execution.ts';
import {
  checkStart,
  type PlannedStage,
  parseStageResults,
  planStages,
  type StartRefusal,
} from '#trading/executions/stages.ts';
import { BudgetExhausted } from '#trading/limits.ts';
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

/** Delay of a job that is put back because the database is unreachable or another worker runs its execution. */
const PUT_BACK_MS = 2_000;

export interface RunOptions {
  db: Kysely<Database>;
  agents: Agents;
  clock: () => Date;
  log: Logger;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
}

/**
 * Creates the handler of jobs, which runs the execution of a job. Its spans continue the trace that started the
 * execution. While the database is unreachable, the job waits in the queue and no attempt is counted. If the last
 * attempt fails, the execution is stored as failed. In the metrics, an attempt that ends without an error counts as
 * `success`, even if the execution is stored as failed. An attempt that throws counts as `failed` if it was the last
 * one, else as `retried`.
 */
export function createJobHandler(options: RunOptions): (job: RunningJob) => Promise<void> {
  const active = options.instruments.gauge('celery_active_tasks');
  const total = options.instruments.counter('celery_tasks_total');
  const duration = options.instruments.histogram('celery_task_duration_seconds');
  return async (job) => {
    const began = performance.now();
    active.add(1, { task: EXECUTE_PIPELINE });
    const count = (status: JobEnd) => {
      active.add(-1, { task: EXECUTE_PIPELINE });
      total.add(1, { task: EXECUTE_PIPELINE, status });
      duration.record((performance.now() - began) / 1_000, { task: EXECUTE_PIPELINE, status });
    };
    // Count inside the span, so that the exemplar of the observation refers to this span.
    await withSpan(`process ${EXECUTION_QUEUE}`, describeJob(job), async () => {
      try {
        await runExecution(job.data.execution_id, options).catch((error) => giveUpOrTryAgain(error, job, options));
        count('success');
      } catch (error) {
        count(job.lastAttempt && !(error instanceof JobPutBack) ? 'failed' : 'retried');
        throw error;
      }
    });
  };
}

function describeJob({ data, attempt }: RunningJob): SpanOptions & { parent: Context } {
  const { execution_id: id, trace } = data;
  const message = describeMessage({ system: 'bullmq', operation: 'process', destination: EXECUTION_QUEUE, id });
  const attributes = { ...message, 'execution.id': id, 'execution.attempt': attempt };
  return { kind: SpanKind.CONSUMER, parent: extractTrace(trace), attributes };
}

/**
 * Handles an error of an attempt. @throws always, because the queue decides by the type of the error what to do with
 * the job
 */
async function giveUpOrTryAgain(error: unknown, job: RunningJob, options: RunOptions): Promise<never> {
  const fields = { execution_id: job.data.execution_id, attempt: job.attempt, error };
  if (isDatabaseAway(error)) {
    options.log.warn(fields, 'the database is away: putting the job back');
    throw new JobPutBack(PUT_BACK_MS, error);
  }
  if (error instanceof ExecutionTaken) {
    options.log.warn(fields, 'another worker has the execution: putting the job back');
    throw new JobPutBack(PUT_BACK_MS, error);
  }
  if (!job.lastAttempt) {
    options.log.warn(fields, 'attempt failed, trying again');
    throw error;
  }
  options.log.error(fields, 'last attempt failed');
  await storeLastFailure(error, job, options);
  throw error;
}

async function storeLastFailure(error: unknown, job: RunningJob, options: RunOptions): Promise<void> {
  const { message: reason } = new ExecutionFailure('STAGE_FAILED', describeError(error));
  const failedStage = error instanceof StageError && { failedStage: error.stage };
  try {
    await finishExecution(job.data.execution_id, { status: 'failed', reason, ...failedStage }, options);
  } catch (storing) {
    if (isDatabaseAway(storing)) throw new JobPutBack(PUT_BACK_MS, storing);
    throw storing;
  }
}

/**
 * Runs an execution from the first stage that is not stored, and stores and counts the end. It is safe to call this
 * again after a failure at any point, and concurrently, because an execution that has ended is not changed.
 * @throws errors that another attempt may avoid; all other failures are stored as the end of the execution
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

/** Stores the end of an execution. Counts it after the commit, unless another call had already stored an end. */
export async function finishExecution(executionId: string, end: ExecutionEnd, options: RunOptions): Promise<void> {
  const stored = await endExecution(options.db, executionId, end);
  if (!stored) return;
  markProgress(options);
  if (end.failedStage) countStage(end.failedStage, options);
  countEnd(stored, options);
  const fields = { execution_id: executionId, pipeline_id: stored.pipelineId, status: end.status, reason: end.reason };
  options.log.info({ ...fields, seconds: stored.durationSeconds }, 'execution ended');
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

/** Thrown if a stage failed with an error that another attempt may avoid. */
class StageError extends Error {
  readonly stage: StoredStage;

  constructor(stage: StoredStage, cause: unknown) {
    super(`stage ${stage.agent} failed: ${describeError(cause)}`, { cause });
    this.name = 'StageError';
    this.stage = stage;
  }
}

type RanStage = (StoredStage & { status: 'success' }) | (StoredStage & { status: 'failed'; reason: string });

/**
 * Runs a stage. A failure that another attempt cannot avoid is returned as a failed stage.
 * @throws StageError if another attempt may avoid the failure; ExecutionTaken and BudgetExhausted if the agent throws
 * them
 */
async function runStage(
  { position, agent }: PlannedStage,
  subject: StageSubject,
  options: RunOptions,
): Promise<RanStage> {
  const began = performance.now();
  const stage = <Status extends StageStatus>(status: Status, result: object) => {
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

/** Counts an execution as active until the returned function is called. */
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
  { status, pipelineId: pipeline_id, triggerMode: trigger_mode, durationSeconds, costUsd }: StoredEnd,
  { instruments }: RunOptions,
): void {
  if (status === 'skipped') return;
  instruments.counter('pipeline_executions_total').add(1, { status, pipeline_id, trigger_mode });
  instruments.histogram('pipeline_execution_duration_seconds').record(durationSeconds, { status, pipeline_id });
  instruments.histogram('pipeline_execution_cost_usd').record(costUsd, { pipeline_id });
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
