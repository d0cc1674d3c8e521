import { type Context, SpanKind, type SpanOptions } from '@opentelemetry/api';
import type { LabelsOf } from '#catalogue/metrics.ts';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE } from '#catalogue/topics.ts';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
import { describeMessage, extractTrace, withSpan } from '#kit/telemetry/traces/tracing.ts';
import { JobPutBack, type RunningJob } from '#platform/execution-queue.ts';
import { ExecutionTaken } from '#trading/executions/execution-failure.ts';
import { describeLastFailure, finishExecution, type RunOptions, runExecution } from './run-execution.ts';

/** How long a job waits that found no database, or another worker at its execution. */
const PUT_BACK_MS = 2_000;

type JobStatus = LabelsOf<'celery_tasks_total'>['status'];

/**
 * Handles a job: runs its execution in the trace that started it. While the database is away the job waits in the queue
 * without losing an attempt; what fails at the last attempt is stored as the end of the execution.
 * A job is `success` when it stored an end, also that of an execution that failed; `failed` when it gave up.
 */
export function createJobHandler(options: RunOptions): (job: RunningJob) => Promise<void> {
  const active = options.instruments.gauge('celery_active_tasks');
  const total = options.instruments.counter('celery_tasks_total');
  const duration = options.instruments.histogram('celery_task_duration_seconds');
  return async (job) => {
    const began = performance.now();
    active.add(1, { task: EXECUTE_PIPELINE });
    const count = (status: JobStatus) => {
      active.add(-1, { task: EXECUTE_PIPELINE });
      total.add(1, { task: EXECUTE_PIPELINE, status });
      duration.record((performance.now() - began) / 1_000, { task: EXECUTE_PIPELINE, status });
    };
    // Counted within its span, which the observation's exemplar names.
    await withSpan(`process ${EXECUTION_QUEUE}`, describeSpan(job), async () => {
      try {
        await runOrGiveUp(job, options);
        count('success');
      } catch (error) {
        count(job.lastAttempt && !(error instanceof JobPutBack) ? 'failed' : 'retried');
        throw error;
      }
    });
  };
}

function describeSpan({ data, attempt }: RunningJob): SpanOptions & { parent: Context } {
  const { execution_id: id, trace } = data;
  const message = describeMessage({ system: 'bullmq', operation: 'process', destination: EXECUTION_QUEUE, id });
  const attributes = { ...message, 'execution.id': id, 'execution.attempt': attempt };
  return { kind: SpanKind.CONSUMER, parent: extractTrace(trace), attributes };
}

async function runOrGiveUp(job: RunningJob, options: RunOptions): Promise<void> {
  try {
    await runExecution(job.data.execution_id, options);
  } catch (error) {
    await giveUpOrTryAgain(error, job, options);
  }
}

/** @throws always: the queue decides by what is thrown */
async function giveUpOrTryAgain(error: unknown, job: RunningJob, options: RunOptions): Promise<never> {
  const fields = { execution_id: job.data.execution_id, attempt: job.attempt, error };
  if (isDatabaseAway(error)) {
    options.log.warn(fields, 'database is away, putting the job back');
    throw new JobPutBack(PUT_BACK_MS, error);
  }
  if (error instanceof ExecutionTaken) {
    options.log.warn(fields, 'another worker has the execution, putting the job back');
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
  try {
    await finishExecution(job.data.execution_id, describeLastFailure(error), options);
  } catch (storing) {
    if (isDatabaseAway(storing)) throw new JobPutBack(PUT_BACK_MS, storing);
    throw storing;
  }
}
