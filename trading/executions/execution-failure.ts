/** Why an execution fails for a cause that trying again does not cure. */
export const failures = {
  NO_PRICE: 'the signal carries no price and no bar of the ticker is stored',
  PIPELINE_INVALID: 'the stored definition of the pipeline is not one this version understands',
  SIGNAL_NOT_FOUND: 'the signal of the execution is not stored, or does not name its ticker',
  NO_LIVE_BROKER: 'mode live needs a broker, and there is none yet: set mode to paper',
  STAGE_FAILED: 'a stage failed at every attempt',
  JOB_FAILED: 'its job failed without storing an end, as when its workers die',
} as const;
export type FailureCode = keyof typeof failures;

/** Fails an execution at once. */
export class ExecutionFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail = '') {
    super(`${code}: ${failures[code]}${detail && ` (${detail})`}`);
    this.name = 'ExecutionFailure';
    this.code = code;
  }
}

/** Another worker runs the execution too, or has ended it: this one stops, and looks again later. */
export class ExecutionTaken extends Error {
  constructor(executionId: string) {
    super(`execution ${executionId} is run, or was ended, by another worker`);
    this.name = 'ExecutionTaken';
  }
}
