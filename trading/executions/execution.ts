/** Words for executions, and the ways one fails. Table columns, API schemas and metric labels take the words from here. */

export const executionStatuses = ['queued', 'running', 'success', 'failed', 'skipped'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];
/** A pipeline has at most one execution in these statuses for each ticker. */
export const unfinishedStatuses = ['queued', 'running'] as const satisfies readonly ExecutionStatus[];
/** Ends that count in metrics: the execution ran. */
export const finishedStatuses = ['success', 'failed'] as const satisfies readonly ExecutionStatus[];
/** How an execution ends. `skipped`: its owner's setting kept it from running. */
export type EndStatus = Exclude<ExecutionStatus, (typeof unfinishedStatuses)[number]>;

export const stageStatuses = ['success', 'failed'] as const;
export type StageStatus = (typeof stageStatuses)[number];

export const triggerModes = ['signal', 'periodic', 'manual'] as const;
export type TriggerMode = (typeof triggerModes)[number];

/** What became of a signal. `skipped`: every pipeline that it matched was already running for the ticker. */
export const signalOutcomes = ['matched', 'skipped', 'unmatched'] as const;
export type SignalOutcome = (typeof signalOutcomes)[number];

/** What became of one match of a signal. `skipped`: the pipeline was already running for the ticker. */
export const matchOutcomes = ['enqueued', 'skipped'] as const;
export type MatchOutcome = (typeof matchOutcomes)[number];

/** Causes of failure that another attempt does not cure. */
const failures = {
  NO_PRICE: 'the signal carries no price and no bar of the ticker is stored',
  PIPELINE_INVALID: 'this version does not understand the stored definition of the pipeline',
  SIGNAL_NOT_FOUND: 'the signal of the execution is not stored, or does not name its ticker',
  NO_LIVE_BROKER: 'mode live needs a broker, and there is none yet: set mode to paper',
  STAGE_FAILED: 'a stage failed at every attempt',
  JOB_FAILED: 'its job failed without storing an end, for example because its workers died',
} as const;
type FailureCode = keyof typeof failures;

/** Fails an execution at once, without another attempt. */
export class ExecutionFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail = '') {
    super(`${code}: ${failures[code]}${detail && ` (${detail})`}`);
    this.name = 'ExecutionFailure';
    this.code = code;
  }
}

/** Another worker runs the execution, or has ended it. This worker stops, and the job is tried again later. */
export class ExecutionTaken extends Error {
  constructor(executionId: string) {
    super(`another worker runs or has ended execution ${executionId}`);
    this.name = 'ExecutionTaken';
  }
}
