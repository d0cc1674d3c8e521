/**
 * Names of the statuses of executions, and the reasons for which an execution fails. Table columns, API schemas and
 * metric labels use these names.
 */

export const executionStatuses = ['queued', 'running', 'success', 'failed', 'skipped'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];
/** Statuses of an execution that has not ended. A pipeline has at most one such execution for each ticker. */
export const unfinishedStatuses = ['queued', 'running'] as const satisfies readonly ExecutionStatus[];
/** Final statuses of executions that did run. Metrics count only executions that end with one of these statuses. */
export const finishedStatuses = ['success', 'failed'] as const satisfies readonly ExecutionStatus[];
/**
 * Final statuses. `skipped`: the execution did not run, because its pipeline was paused or deleted, was already running
 * for the ticker, or had no budget left.
 */
export type EndStatus = Exclude<ExecutionStatus, (typeof unfinishedStatuses)[number]>;

export const stageStatuses = ['success', 'failed'] as const;
export type StageStatus = (typeof stageStatuses)[number];

export const triggerModes = ['signal', 'periodic', 'manual'] as const;
export type TriggerMode = (typeof triggerModes)[number];

/**
 * Results of a signal. `matched`: the signal started an execution. `skipped`: every pipeline that the signal matched
 * was already running for the ticker. `unmatched`: the signal matched no pipeline.
 */
export const signalOutcomes = ['matched', 'skipped', 'unmatched'] as const;
export type SignalOutcome = (typeof signalOutcomes)[number];

/** Results of a match between a signal and a pipeline. `skipped`: the pipeline was already running for the ticker. */
export const matchOutcomes = ['enqueued', 'skipped'] as const;
export type MatchOutcome = (typeof matchOutcomes)[number];

/** Reasons for which an execution fails for good, without another attempt. */
const failures = {
  NO_PRICE: 'the signal carries no price and no bar of the ticker is stored',
  PIPELINE_INVALID: 'this version does not understand the stored definition of the pipeline',
  SIGNAL_NOT_FOUND: 'the signal of the execution is not stored, or does not name its ticker',
  NO_LIVE_BROKER: 'mode live needs a broker, and there is none yet: set mode to paper',
  STAGE_FAILED: 'a stage failed at every attempt',
  JOB_FAILED: 'its job failed without storing an end, for example because its workers died',
} as const;
type FailureCode = keyof typeof failures;

/** Thrown to fail an execution at once, without another attempt. */
export class ExecutionFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail = '') {
    super(`${code}: ${failures[code]}${detail && ` (${detail})`}`);
    this.name = 'ExecutionFailure';
    this.code = code;
  }
}

/**
 * Thrown if another worker runs the execution or has ended it. This worker then leaves the execution alone and puts its
 * job back into the queue.
 */
export class ExecutionTaken extends Error {
  constructor(executionId: string) {
    super(`another worker runs or has ended execution ${executionId}`);
    this.name = 'ExecutionTaken';
  }
}
