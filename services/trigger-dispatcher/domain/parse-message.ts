import { type RejectReason, type Signal, signalSchema } from '#trading/signals/signal.ts';

export interface Rejection {
  readonly reason: RejectReason;
  /** What is wrong, and where: for the headers of the dead letter and the log. */
  readonly detail: string;
}

/** Last second of the year 9999. */
const LAST_TIMESTAMP = 253_402_300_799;
const MAX_DETAIL = 500;

/** Parses a Kafka message to a signal that can be stored, or says why it is none. Never throws. */
export function parseMessage(value: Uint8Array): Signal | Rejection {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    return reject('not_json', String(error));
  }
  try {
    const { data, error } = signalSchema.safeParse(json);
    if (error)
      return reject(
        'not_a_signal',
        error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      );
    const wrong = findUnstorable(data);
    return wrong ? reject('not_a_signal', wrong) : data;
  } catch (error) {
    // Nested so deep that the stack ends.
    return reject('not_a_signal', String(error));
  }
}

export function isRejection(parsed: Signal | Rejection): parsed is Rejection {
  return 'detail' in parsed;
}

function reject(reason: RejectReason, detail: string): Rejection {
  return { reason, detail: detail.slice(0, MAX_DETAIL) };
}

/** What JSON can say and Postgres cannot hold. Found here, as it would fail its whole batch for ever. */
function findUnstorable(signal: Signal): string | undefined {
  if (signal.timestamp > LAST_TIMESTAMP) return 'timestamp: is beyond the year 9999; it is in seconds';
  return holdsUnstorableText(signal)
    ? 'holds a character that cannot be stored (NUL or half of a surrogate pair)'
    : undefined;
}

function holdsUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsUnstorableText(name) || holdsUnstorableText(inner));
}
