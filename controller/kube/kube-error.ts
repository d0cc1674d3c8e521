/**
 * An error answer of the API server, or no answer at all (code 0). `reason` is the server's own word (NotFound, Conflict,
 * Invalid, Expired, …), or else NoAnswer, Timeout or NotLeading.
 */
export class KubeError extends Error {
  readonly code: number;
  readonly reason: string;
  /** The pause that the server asks for with its 429 or 503; undefined if it asks for none. */
  readonly retryAfterMs: number | undefined;

  constructor(failure: {
    message: string;
    code: number;
    reason: string;
    retryAfterMs?: number | undefined;
    cause?: unknown;
  }) {
    super(failure.message, { cause: failure.cause });
    this.name = 'KubeError';
    this.code = failure.code;
    this.reason = failure.reason;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

/** A longer pause is cut to this, so that one wrong answer cannot stop the controller for hours. */
const LONGEST_ASKED_MS = 60_000;

function isKubeError(error: unknown, code: number): error is KubeError {
  return error instanceof KubeError && error.code === code;
}

/** No object has that name (404). */
export function isNotFound(error: unknown): boolean {
  return isKubeError(error, 404);
}

/** The object has another uid or resourceVersion than the request says, or the name is taken (409). */
export function isConflict(error: unknown): boolean {
  return isKubeError(error, 409);
}

/** The resourceVersion is too old for a watch or for the next page of a list: list again (410). */
export function isExpired(error: unknown): boolean {
  return isKubeError(error, 410);
}

/** The pause that a server asks for when it sheds load (429), in milliseconds; 0 for any other error. */
export function askedPauseMs(error: unknown): number {
  if (!isKubeError(error, 429)) return 0;
  return Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS);
}
