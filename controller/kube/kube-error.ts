/**
 * An error response of the API server, or no response at all (code 0). After a response, `reason` is the reason that
 * the server returned (NotFound, Conflict, Invalid, Expired, …). Without a response, `reason` is NoAnswer, Timeout or
 * NotLeading.
 */
export class KubeError extends Error {
  readonly code: number;
  readonly reason: string;
  /**
   * The pause that the server requests in the error response, for example with a 429 or 503; undefined if it requests
   * none.
   */
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

/**
 * Longest pause that the controller makes at the request of a server, so that one wrong response cannot stop the
 * controller for hours.
 */
const LONGEST_ASKED_MS = 60_000;

function isKubeError(error: unknown, code: number): error is KubeError {
  return error instanceof KubeError && error.code === code;
}

/** True if no object has the requested name (404). */
export function isNotFound(error: unknown): boolean {
  return isKubeError(error, 404);
}

/** True if the object has another uid or resourceVersion than the request says, or if the name is taken (409). */
export function isConflict(error: unknown): boolean {
  return isKubeError(error, 409);
}

/** True if the resourceVersion is too old for a watch or for the next page of a list (410). The caller must list again. */
export function isExpired(error: unknown): boolean {
  return isKubeError(error, 410);
}

/** Returns the pause that a server requests when it sheds load (429), in milliseconds; 0 for any other error. */
export function askedPauseMs(error: unknown): number {
  if (!isKubeError(error, 429)) return 0;
  return Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS);
}
