import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { injectTrace } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob } from '#platform/execution-queue.ts';
import type { Database, PipelineRow } from '#platform/schema.ts';
import { ApiProblem } from '../api/errors/api-problem.ts';
import { failQueued, insertManualRuns, type ManualRun, readUnfinished } from '../store/executions.ts';
import { planRun } from './plan-run.ts';

export type RunMetric = 'pipeline_executions_total' | 'pipeline_execution_duration_seconds';

export interface RunPipelineOptions {
  db: Kysely<Database>;
  /** Rejects, or takes too long, when the queue is away. */
  enqueue: (jobs: readonly ExecutionJob[]) => Promise<void>;
  enqueueTimeoutMs: number;
  log: Logger;
  instruments: Instruments<RunMetric>;
}

interface RunEntry {
  ticker: string;
  execution_id: string;
}

/**
 * Runs a pipeline now: for one ticker, or for all of its own that it does not run for.
 * @throws ApiProblem that says why nothing runs
 */
export type RunPipeline = (
  pipeline: PipelineRow,
  ticker: string | undefined,
) => Promise<{ started: RunEntry[]; busy: RunEntry[] }>;

/** How often an execution that ended just between two statements is looked for. */
const ATTEMPTS = 3;

export function createRunPipeline(options: RunPipelineOptions): RunPipeline {
  const { db, log } = options;
  const failing = createFailing(options);
  return async (pipeline, ticker) => {
    const { pipeline_id: pipelineId } = pipeline;
    const tickers = planOrThrow(pipeline, ticker);
    const trace = injectTrace();
    const { stored, busy } = await storeRuns(db, pipelineId, tickers, trace);
    if (stored.length === 0) {
      throw new ApiProblem('pipeline-busy', describeBusy(pipelineId, busy), { extra: { busy: busy.map(presentRun) } });
    }
    try {
      await enqueueInTime(options, stored, trace);
    } catch (error) {
      await failing(pipelineId, stored, error);
    }
    log.info({ pipeline_id: pipelineId, executions: stored.length, busy: busy.length }, 'pipeline run by hand');
    return { started: stored.map(presentRun), busy: busy.map(presentRun) };
  };
}

function planOrThrow({ pipeline_id: id, status, definition }: PipelineRow, ticker: string | undefined): string[] {
  const plan = planRun({ status, tickers: definition.tickers }, ticker);
  if ('tickers' in plan) return plan.tickers;
  if (plan.refused === 'invalid-request') {
    throw new ApiProblem('invalid-request', `The pipeline "${id}" does not trade ${ticker}.`, { errors: plan.errors });
  }
  throw new ApiProblem(plan.refused, `The pipeline "${id}" is ${status}.`);
}

/** Stores one queued execution for each ticker, but for those the pipeline runs for: the database sees to it that it runs once. */
async function storeRuns(
  db: Kysely<Database>,
  pipelineId: string,
  tickers: readonly string[],
  trace: Record<string, string>,
) {
  const stored: ManualRun[] = [];
  let busy: ManualRun[] = [];
  let missing = [...tickers];
  for (let attempt = 0; attempt < ATTEMPTS && missing.length > 0; attempt += 1) {
    const runs = missing.map((ticker) => ({ executionId: randomUUID(), ticker }));
    stored.push(...(await insertManualRuns(db, pipelineId, runs, trace)));
    const waiting = tickers.filter((ticker) => !stored.some((run) => run.ticker === ticker));
    busy = waiting.length === 0 ? [] : await readUnfinished(db, pipelineId, waiting);
    missing = waiting.filter((ticker) => !busy.some((run) => run.ticker === ticker));
  }
  return { stored, busy };
}

async function enqueueInTime(
  { enqueue, enqueueTimeoutMs }: RunPipelineOptions,
  runs: readonly ManualRun[],
  trace: Record<string, string>,
) {
  const enqueued = enqueue(runs.map(({ executionId }) => ({ execution_id: executionId, trace })));
  // A job that comes into the queue after its time finds its execution failed, and does nothing.
  enqueued.catch(() => undefined);
  const late = sleep(enqueueTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`the job queue did not answer within ${enqueueTimeoutMs} ms`);
  });
  await Promise.race([enqueued, late]);
}

/** Stores as failed what could not be enqueued, counts it, and tells the user; unless a worker has begun all of it. */
function createFailing({ db, log, instruments }: RunPipelineOptions) {
  const total = instruments.counter('pipeline_executions_total');
  const durations = instruments.histogram('pipeline_execution_duration_seconds');
  return async (pipelineId: string, runs: readonly ManualRun[], error: unknown): Promise<void> => {
    const reason = `could not be enqueued: ${error instanceof Error ? error.message : error}`;
    const failed = await failQueued(
      db,
      runs.map((run) => run.executionId),
      reason,
    );
    for (const { seconds } of failed) {
      total.add(1, { status: 'failed', pipeline_id: pipelineId, trigger_mode: 'manual' });
      durations.record(seconds, { status: 'failed', pipeline_id: pipelineId });
    }
    log.error(
      { error, pipeline_id: pipelineId, executions: runs.length, failed: failed.length },
      'could not enqueue manual runs',
    );
    if (failed.length === 0) return;
    const executions = failed.map(({ executionId }) => executionId);
    throw new ApiProblem('queue-unavailable', `The run of "${pipelineId}" ${reason}.`, {
      extra: { executions },
      cause: error,
    });
  };
}

function describeBusy(pipelineId: string, busy: readonly ManualRun[]): string {
  const [first] = busy;
  if (!first) return `The pipeline "${pipelineId}" starts and ends so fast that no free moment was found; try again.`;
  const more = busy.length > 1 ? `, and for ${busy.length - 1} more` : '';
  return `The pipeline "${pipelineId}" runs for ${first.ticker}: execution ${first.executionId}${more}.`;
}

function presentRun({ executionId, ticker }: ManualRun): RunEntry {
  return { ticker, execution_id: executionId };
}
