export interface ModelFailureOptions {
  /** Few and short: `timeout`, `unreachable`, `http_429`, `wrong_answer`. */
  readonly type: string;
  /** Whether the same call may succeed when it is made again. */
  readonly mayPass?: boolean;
  /** Whether the call may be on the bill although nobody told what it cost. */
  readonly mayBeBilled?: boolean;
  /** How long the API asks to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A model gave no answer that can be used. What asked it goes on by its rule. */
export class ModelFailure extends Error {
  readonly type: string;
  readonly mayPass: boolean;
  readonly mayBeBilled: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ModelFailureOptions) {
    super(message, { cause: options.cause });
    this.name = 'ModelFailure';
    this.type = options.type;
    this.mayPass = options.mayPass ?? false;
    this.mayBeBilled = options.mayBeBilled ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
