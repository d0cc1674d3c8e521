import { z } from 'zod';

/** Data of a job `execute_pipeline`: the id of the execution (also the job's id) and the trace it belongs to. */
export const executionJobSchema = z.object({
  execution_id: z.string().min(1),
  /** W3C trace context, as it came with the signal or the request. */
  trace: z.record(z.string(), z.string()).default({}),
});
export type ExecutionJob = z.infer<typeof executionJobSchema>;

export const executionStatuses = ['queued', 'running', 'success', 'failed', 'skipped'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];
/** The states in which a pipeline counts as running for a ticker. */
export const unfinishedStatuses = ['queued', 'running'] as const satisfies readonly ExecutionStatus[];

export const triggerModes = ['signal', 'periodic', 'manual'] as const;
export type TriggerMode = (typeof triggerModes)[number];
