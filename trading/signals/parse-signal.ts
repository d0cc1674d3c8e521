import { type RejectReason, type Signal, signalSchema } from './signal.ts';

export interface Rejection {
  readonly reason: RejectReason;
  /** The faults of the message, each with its field. Goes into the headers of the dead letter and into the log. */
  readonly detail: string;
}

/** Last second of the year 9999, unix seconds. */
const LAST_TIMESTAMP = 253_402_300_799;
const MAX_DETAIL = 500;

/**
 * Parses a Kafka message. Returns a signal that can be stored, or the reason why the message was refused. Never throws.
 */
export function parseSignal(value: Uint8Array): Signal | Rejection {
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
    // A message that is nested too deeply overflows the stack.
    return reject('not_a_signal', String(error));
  }
}

export function isRejection(parsed: Signal | Rejection): parsed is Rejection {
  return 'detail' in parsed;
}

function reject(reason: RejectReason, detail: string): Rejection {
  return { reason, detail: detail.slice(0, MAX_DETAIL) };
}

/**
 * Describes a value that is valid JSON but that Postgres cannot store. A signal with such a value would make its whole
 * batch fail at every attempt.
 */
function findUnstorable(signal: Signal): string | undefined {
  if (signal.timestamp > LAST_TIMESTAMP)
    return 'timestamp: expected unix seconds before the year 10000; milliseconds are too large';
  return holdsUnstorableText(signal)
    ? 'the signal contains a character that Postgres cannot store: NUL or half of a surrogate pair'
    : undefined;
}

function holdsUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsUnstorableText(name) || holdsUnstorableText(inner));
}
