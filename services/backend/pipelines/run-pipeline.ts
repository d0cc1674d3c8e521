import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { injectTrace } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob, ExecutionQueue } from '#platform/execution-queue.ts';
import type { Database, PipelineRow } from '#platform/schema.ts';
import { ApiProblem } from '../api/errors/api-problem.ts';
import type { FieldError } from '../api/errors/problems.ts';
import { failQueued, insertManualRuns, type ManualRun, readUnfinished } from '../store/executions.ts';

type RunMetric = 'pipeline_executions_total' | 'pipeline_execution_duration_seconds';

interface RunPipelineOptions {
  db: Kysely<Database>;
  /** Enqueues jobs. May reject or never settle while Redis is unreachable. */
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
 * Starts executions of a pipeline by hand, for one of its tickers or for all of them. Skips tickers with an unfinished
 * execution, and returns these executions as `busy`.
 * @throws ApiProblem if nothing was started
 */
export type RunPipeline = (
  pipeline: PipelineRow,
  ticker: string | undefined,
) => Promise<{ started: RunEntry[]; busy: RunEntry[] }>;

/**
 * Number of attempts to store executions. Another attempt is needed if a ticker's unfinished execution ended between
 * the insert, which left the ticker out, and the look-up of that execution.
 */
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
    log.info({ pipeline_id: pipelineId, executions: stored.length, busy: busy.length }, 'pipeline run manually');
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

type RunPlan =
  | { tickers: string[] }
  | { refused: 'pipeline-deleted' | 'pipeline-paused' | 'pipeline-stopped' }
  | { refused: 'invalid-request'; errors: FieldError[] };

/**
 * Returns the tickers to run a pipeline for (the requested one, or all tickers of the pipeline), or the reason why the
 * pipeline must not run.
 */
export function planRun(
  { status, tickers }: { status: PipelineRow['status']; tickers: readonly string[] },
  asked: string | undefined,
): RunPlan {
  if (status === 'deleted') return { refused: 'pipeline-deleted' };
  if (status === 'paused') return { refused: 'pipeline-paused' };
  if (status === 'stopped') return { refused: 'pipeline-stopped' };
  if (asked === undefined) return { tickers: [...new Set(tickers)] };
  if (tickers.includes(asked)) return { tickers: [asked] };
  const some = tickers.slice(0, 10).join(', ');
  const message = `the pipeline does not trade ${asked}; it trades ${some}${tickers.length > 10 ? ', …' : ''}`;
  return { refused: 'invalid-request', errors: [{ path: 'ticker', message }] };
}

/**
 * Stores one queued execution for each ticker that has no unfinished execution, and looks up the unfinished executions
 * of the other tickers.
 */
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
  // The job may still reach the queue after the timeout. It then does nothing, because its execution is already stored
  // as failed.
  enqueued.catch(() => undefined);
  const late = sleep(enqueueTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`the job queue did not answer within ${enqueueTimeoutMs} ms`);
  });
  await Promise.race([enqueued, late]);
}

/**
 * Returns a function for executions that could not be enqueued. The function ends them as failed, counts them, and
 * throws the problem `queue-unavailable`. If workers have already begun all of them, the jobs did reach the queue, and
 * the function returns without an error.
 */
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
  if (!first)
    return `Other executions of the pipeline "${pipelineId}" started and ended during every attempt. Try again.`;
  const more = busy.length > 1 ? ` and for ${busy.length - 1} more tickers` : '';
  return `The pipeline "${pipelineId}" is already running for ${first.ticker} (execution ${first.executionId})${more}.`;
}

function presentRun({ executionId, ticker }: ManualRun): RunEntry {
  return { ticker, execution_id: executionId };
}

/**
 * Returns a function that enqueues jobs. The function rejects at once while Redis is not connected, because the Redis
 * client would otherwise queue the command until it reconnects.
 */
export function createEnqueue(redis: { readonly status: string }, queue: Pick<ExecutionQueue, 'add'>) {
  return async (jobs: readonly ExecutionJob[]): Promise<void> => {
    if (redis.status !== 'ready') throw new Error(`the job queue is unavailable (redis: ${redis.status})`);
    await queue.add(jobs);
  };
}
