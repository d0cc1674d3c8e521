/** How a Kafka message becomes an item that Postgres can store, or is rejected with a reason. */
import type { z } from 'zod';

/** The largest message that is parsed: Kafka's default limit of a batch. Compressed, a message can be far larger. */
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_DETAIL = 500;

/** Why a message is not accepted. */
export interface Rejection<Reason extends string = string> {
  readonly reason: Reason;
  /**
   * What is wrong with the message, with the name of each wrong field. Goes into the headers of the dead letter and
   * into the log.
   */
  readonly detail: string;
}

interface Expectation<Item, Invalid extends string> {
  readonly schema: z.ZodType<Item>;
  /** The reason of a message that is JSON, but not such an item. */
  readonly invalid: Invalid;
  /** Returns why a valid item cannot be stored, or undefined if it can. */
  readonly findUnstorable?: (item: Item) => string | undefined;
}

/** Parses a Kafka message into an item that can be stored, or returns why it was refused. Never throws. */
export function parseMessage<Item extends object, Invalid extends string>(
  value: Uint8Array,
  { schema, invalid, findUnstorable }: Expectation<Item, Invalid>,
): Item | Rejection<Invalid | 'not_json'> {
  if (value.length > MAX_MESSAGE_BYTES)
    return reject(invalid, `expected at most ${MAX_MESSAGE_BYTES} bytes, got ${value.length}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    return reject('not_json', String(error));
  }
  try {
    const { data, error } = schema.safeParse(json);
    if (error)
      return reject(invalid, error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    const wrong = findUnstorable?.(data) ?? findUnstorableText(data);
    return wrong === undefined ? data : reject(invalid, wrong);
  } catch (error) {
    // Checking a message that is nested too deeply overflows the stack.
    return reject(invalid, String(error));
  }
}

export function isRejection<Item extends object, Reason extends string>(
  parsed: Item | Rejection<Reason>,
): parsed is Rejection<Reason> {
  return 'detail' in parsed && 'reason' in parsed;
}

export function reject<Reason extends string>(reason: Reason, detail: string): Rejection<Reason> {
  return { reason, detail: detail.slice(0, MAX_DETAIL).toWellFormed() };
}

/** Returns why Postgres cannot store the texts of an item, or undefined if it can. */
function findUnstorableText(item: object): string | undefined {
  const field = Object.entries(item).find(([name, value]) => holdsUnstorableText(name) || holdsUnstorableText(value));
  return (
    field && `${JSON.stringify(field[0])}: expected text that Postgres can store, got NUL or half of a surrogate pair`
  );
}

function holdsUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsUnstorableText(name) || holdsUnstorableText(inner));
}
