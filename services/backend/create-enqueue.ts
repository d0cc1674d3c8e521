import type { ExecutionJob, ExecutionQueue } from '#platform/execution-queue.ts';

/** Enqueues, or fails at once when Redis is not connected: its client would keep the command until it is. */
export function createEnqueue(redis: { readonly status: string }, queue: Pick<ExecutionQueue, 'add'>) {
  return async (jobs: readonly ExecutionJob[]): Promise<void> => {
    if (redis.status !== 'ready') throw new Error(`the job queue is away (redis: ${redis.status})`);
    await queue.add(jobs);
  };
}
