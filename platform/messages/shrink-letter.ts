import type { OutgoingMessage } from '#kit/kafka/publisher.ts';

/** The headers of a dead letter that this platform sets. */
const ownHeaders = [
  ...['reason', 'detail', 'original_topic', 'original_partition', 'original_offset', 'original_timestamp'],
  ...['original_value_bytes', 'truncated'],
];

/** How many bytes of the value are kept after each refusal. Kafka's default limit of a batch is 1,048,588 bytes. */
const VALUE_BYTES = [900_000, 100_000, 10_000, 0];

/**
 * Returns a smaller form of a dead letter that Kafka refuses, or undefined if there is none. The header `truncated`
 * names the parts that are cut; `original_value_bytes` is the size of the whole value. From the second refusal on, key
 * and headers of the message are left out too, because they can be large themselves.
 * @param refusals how often the letter has been refused, from 1
 */
export function shrinkLetter(letter: OutgoingMessage, refusals: number): OutgoingMessage | undefined {
  const keep = VALUE_BYTES[refusals - 1];
  if (keep === undefined) return undefined;
  const value = Buffer.from(letter.value);
  const whole = refusals === 1;
  const headers = {
    original_value_bytes: String(value.length),
    ...(whole ? letter.headers : pick(letter.headers ?? {}, ownHeaders)),
    truncated: whole ? 'value' : 'value, key, headers',
  };
  return { key: whole ? letter.key : placeOf(letter), value: value.subarray(0, keep), headers };
}

function pick(headers: NonNullable<OutgoingMessage['headers']>, names: readonly string[]) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
}

/** A key for the letter: where the message stands. A compacted topic refuses a message without a key. */
function placeOf({ headers = {} }: OutgoingMessage): string {
  return ['original_topic', 'original_partition', 'original_offset'].map((name) => headers[name]).join('/');
}
