export const executionStatuses = ['queued', 'running', 'success', 'failed', 'skipped'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];
/** The states in which a pipeline counts as running for a ticker. */
export const unfinishedStatuses = ['queued', 'running'] as const satisfies readonly ExecutionStatus[];

export const triggerModes = ['signal', 'periodic', 'manual'] as const;
export type TriggerMode = (typeof triggerModes)[number];
