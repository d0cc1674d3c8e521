import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, type JobState, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE, type QueueState, queueStates } from '#catalogue/topics.ts';

/** Data of a job `execute_pipeline`: the id of the execution (also the job's id) and the trace it belongs to. */
export const executionJobSchema = z.object({
  execution_id: z.string().min(1),
  /** W3C trace context, as it came with the signal or the request. */
  trace: z.record(z.string(), z.string()).default({}),
});
export type ExecutionJob = z.infer<typeof executionJobSchema>;

/** How often a job is tried before it counts as failed. */
export const MAX_ATTEMPTS = 3;

/** A worker that has not been heard of for this long has lost its jobs. It renews twice as often. */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;

export interface ExecutionQueue {
  /** Enqueues executions in one round trip. One that is in the queue already is not enqueued twice. */
  add(jobs: readonly ExecutionJob[]): Promise<void>;
  /** The state of the job of an execution; `unknown` when there is none. */
  state(executionId: string): Promise<JobState | 'unknown'>;
  /** Jobs by state, of the whole queue. */
  depth(): Promise<Record<QueueState, number>>;
  close(): Promise<void>;
}

/** The job queue between those that start executions and celery-worker. A job's id is its execution's id. */
export function openExecutionQueue(redis: Redis): ExecutionQueue {
  const queue = new Queue<ExecutionJob>(EXECUTION_QUEUE, {
    connection: redis,
    defaultJobOptions: {
      attempts: MAX_ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: true,
      removeOnFail: { count: 10_000 },
    },
  });
  // The connection logs and counts its errors itself (redis.ts); without a listener they go to the console too.
  queue.on('error', () => undefined);
  return {
    async add(jobs) {
      await queue.addBulk(
        jobs.map((job) => ({ name: EXECUTE_PIPELINE, data: job, opts: { jobId: job.execution_id } })),
      );
    },
    state: (executionId) => queue.getJobState(executionId),
    async depth() {
      const counts = await queue.getJobCounts(...queueStates);
      return { waiting: 0, delayed: 0, active: 0, failed: 0, ...counts };
    },
    close: () => queue.close(),
  };
}

/** Thrown by a handler that cannot go on now, as while a server is away: the job waits, and the attempt does not count. */
export class JobPutBack extends Error {
  readonly delayMs: number;

  constructor(delayMs: number, cause: unknown) {
    super('put back', { cause });
    this.name = 'JobPutBack';
    this.delayMs = delayMs;
  }
}

export interface RunningJob {
  data: ExecutionJob;
  /** From 1. */
  attempt: number;
  /** When this throws, the job is not tried again. */
  lastAttempt: boolean;
}

export interface ExecutionWorker {
  /** For /readyz. */
  check(): string | undefined;
  /** Waits for the running jobs and takes no more. */
  stop(): Promise<void>;
}

/**
 * Takes jobs, `concurrency` at once. `handle` must be safe to run again: the queue is at-least-once. What it throws
 * is tried again with backoff, up to MAX_ATTEMPTS; a JobPutBack does not count.
 */
export function startExecutionWorker(
  redis: Redis,
  options: { concurrency: number; handle: (job: RunningJob) => Promise<void>; onError: (error: Error) => void },
): ExecutionWorker {
  const running = new Set<Promise<void>>();
  const run = async (job: Job<ExecutionJob>, token?: string) => {
    const attempt = job.attemptsMade + 1;
    const data = executionJobSchema.parse(job.data);
    const handled = options.handle({ data, attempt, lastAttempt: attempt >= (job.opts.attempts ?? 1) });
    running.add(handled);
    try {
      await handled;
    } catch (error) {
      if (!(error instanceof JobPutBack)) throw error;
      await job.moveToDelayed(Date.now() + error.delayMs, token);
      throw new DelayedError();
    } finally {
      running.delete(handled);
    }
  };
  const worker = new Worker<ExecutionJob>(EXECUTION_QUEUE, run, {
    connection: redis,
    concurrency: options.concurrency,
    // A job whose worker died is taken again within LOCK_MS + STALLED_CHECK_MS; one that kills its workers is not, for ever.
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_ATTEMPTS,
  });
  worker.on('error', options.onError);
  return {
    check: () => (worker.isRunning() ? undefined : 'does not take jobs'),
    async stop() {
      let closed = false;
      const closing = worker.close().finally(() => {
        closed = true;
      });
      // While Redis is away the worker would never close. What runs is finished; its jobs are given again later.
      const away = async () => {
        await Promise.allSettled(running);
        while (!closed && redis.status === 'ready') await sleep(100);
      };
      await Promise.race([closing, away()]);
      closing.catch(() => undefined);
    },
  };
}
