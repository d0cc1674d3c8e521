/**
 * An answer of the API server that is not a success, or no answer at all (code 0).
 * `reason` is the server's own word (NotFound, Conflict, Invalid, Expired, …) or NoAnswer, Timeout.
 */
export class KubeError extends Error {
  readonly code: number;
  readonly reason: string;
  /** How long the server asks to be left alone, when it does (429, 503). */
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

/** Whatever a server asks for: nobody may be kept from work for good by one answer. */
const LONGEST_ASKED_MS = 60_000;

export function isKubeError(error: unknown, code: number): error is KubeError {
  return error instanceof KubeError && error.code === code;
}

/** Nothing can be found under that name (404). */
export function isNotFound(error: unknown): boolean {
  return isKubeError(error, 404);
}

/** The object is not what the request said it is: another uid or resourceVersion (409). */
export function isConflict(error: unknown): boolean {
  return isKubeError(error, 409);
}

/** The resourceVersion is too old for a watch or a page of a list: list again (410). */
export function isExpired(error: unknown): boolean {
  return isKubeError(error, 410);
}

/** How long a server that sheds load (429) asks to be left alone, in milliseconds; 0 when it does not. */
export function askedPauseMs(error: unknown): number {
  if (!isKubeError(error, 429)) return 0;
  return Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS);
}
