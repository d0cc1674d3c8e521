import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, type JobState, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE, type QueueState, queueStates } from '#catalogue/topics.ts';

/** Data of a job `execute_pipeline`: the id of the execution, which is also the job's id, and its trace. */
export const executionJobSchema = z.object({
  execution_id: z.string().min(1),
  /** W3C trace context of the signal or request that started the execution. */
  trace: z.record(z.string(), z.string()).default({}),
});
export type ExecutionJob = z.infer<typeof executionJobSchema>;

/** Attempts of a job before it counts as failed. */
export const MAX_ATTEMPTS = 3;

/** A worker that does not renew its lock on a job for this long loses the job. It renews every half of this time. */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;

export interface ExecutionQueue {
  /** Enqueues executions in one round trip. Those that are in the queue already stay as they are. */
  add(jobs: readonly ExecutionJob[]): Promise<void>;
  /** Reads the state of an execution's job; `unknown` if there is no job. */
  state(executionId: string): Promise<JobState | 'unknown'>;
  /** Counts the jobs of the whole queue by state. */
  depth(): Promise<Record<QueueState, number>>;
  close(): Promise<void>;
}

/** Opens the job queue: trigger-dispatcher and backend put jobs in, celery-worker takes them out. */
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
  // kit/redis.ts logs and counts errors of the connection. Without this listener BullMQ prints them, too.
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

/** Thrown by a handler that cannot work now, for example because the database is away. The job waits; the attempt does not count. */
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
  /** Number of this attempt, from 1. */
  attempt: number;
  /** Whether the job fails if this attempt fails. */
  lastAttempt: boolean;
}

export interface ExecutionWorker {
  /** The readiness check: why the worker takes no jobs, or undefined. */
  check(): string | undefined;
  /** Takes no more jobs, and waits for the running ones. */
  stop(): Promise<void>;
}

/**
 * Takes jobs, `concurrency` at a time. `handle` must be idempotent: the queue is at-least-once. A job whose handler
 * throws is tried again with backoff, up to MAX_ATTEMPTS times; a JobPutBack does not count as an attempt.
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
    // Another worker takes the job of a dead one within LOCK_MS + STALLED_CHECK_MS. maxStalledCount stops jobs that kill workers.
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
      // BullMQ cannot close while Redis is away. The running jobs finish; Redis hands them out again, and they are idempotent.
      const away = async () => {
        await Promise.allSettled(running);
        while (!closed && redis.status === 'ready') await sleep(100);
      };
      await Promise.race([closing, away()]);
      closing.catch(() => undefined);
    },
  };
}
