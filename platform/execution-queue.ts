import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, type JobState, Queue, Worker } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE, type QueueState, queuePrefix, queueStates } from '#catalogue/topics.ts';

/**
 * The data of a job `execute_pipeline`: the trace and the id of the execution. The execution id is also the id of the
 * job.
 */
const executionJobSchema = z.object({
  execution_id: z.string().min(1),
  /** W3C trace context of the signal or the request that started the execution. */
  trace: z.record(z.string(), z.string()).default({}),
});
export type ExecutionJob = z.infer<typeof executionJobSchema>;

/** A job that fails this many times is not tried again. */
export const MAX_ATTEMPTS = 3;

/**
 * A worker locks each of its jobs for this long, and renews the lock twice in that time. If the lock expires, another
 * worker takes the job.
 */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;

export interface ExecutionQueue {
  /** Enqueues executions in one round trip to Redis. Skips executions that are already in the queue. */
  add(jobs: readonly ExecutionJob[]): Promise<void>;
  /** Returns the state of an execution's job, or `unknown` if the queue has no such job. */
  state(executionId: string): Promise<JobState | 'unknown'>;
  /** Counts the jobs of the whole queue by state. */
  depth(): Promise<Record<QueueState, number>>;
  close(): Promise<void>;
}

/** Opens the job queue through which the backend and the trigger-dispatcher pass executions to celery-worker. */
export function openExecutionQueue(redis: Redis | Cluster): ExecutionQueue {
  const queue = new Queue<ExecutionJob>(EXECUTION_QUEUE, {
    connection: redis,
    prefix: queuePrefix(redis),
    defaultJobOptions: {
      attempts: MAX_ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: true,
      removeOnFail: { count: 10_000 },
    },
  });
  // kit/redis.ts logs and counts errors of the connection. Without this listener, BullMQ would also print them to the
  // console.
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

/**
 * A handler throws this to have the job tried again after `delayMs` without counting the attempt, for example because a
 * server is unreachable.
 */
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
  /** True if the job is not tried again when this attempt throws. */
  lastAttempt: boolean;
}

export interface ExecutionWorker {
  /** Readiness check for /readyz: returns undefined if the worker takes jobs, or else the reason. */
  check(): string | undefined;
  /** Stops taking jobs and waits for the running jobs. */
  stop(): Promise<void>;
}

/**
 * Starts a worker that takes jobs from the queue, up to `concurrency` at once. The queue delivers at-least-once, so
 * `handle` must be safe to run again for the same job. A job whose `handle` throws is tried again with backoff, up to
 * MAX_ATTEMPTS; a JobPutBack does not count as an attempt.
 */
export function startExecutionWorker(
  redis: Redis | Cluster,
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
    prefix: queuePrefix(redis),
    concurrency: options.concurrency,
    // If a worker dies, another worker takes its job within LOCK_MS + STALLED_CHECK_MS. A job whose worker dies every
    // time fails after maxStalledCount.
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_ATTEMPTS,
    // After a failed command, for example during a failover of Redis
    runRetryDelay: 1_000,
  });
  worker.on('error', options.onError);
  return {
    check: () => (worker.isRunning() ? undefined : 'does not take jobs'),
    async stop() {
      let closed = false;
      const closing = worker.close().finally(() => {
        closed = true;
      });
      // While Redis is unreachable, BullMQ's close() never ends. In that case wait only for the running jobs. Redis
      // delivers these jobs again later, because their end could not be stored there.
      const away = async () => {
        await Promise.allSettled(running);
        while (!closed && redis.status === 'ready') await sleep(100);
      };
      await Promise.race([closing, away()]);
      closing.catch(() => undefined);
    },
  };
}
