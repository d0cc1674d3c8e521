import type { IHeaders } from 'kafkajs';

export interface OutgoingMessage {
  key: string | undefined;
  value: string | Buffer;
  headers?: IHeaders;
}

/**
 * Splits messages, in order, into groups of at most `maxBytes`. A larger message is a group of its own. A broker refuses
 * a batch that is larger than the topic allows, also if each of its messages is small.
 */
export function splitMessages(messages: readonly OutgoingMessage[], maxBytes: number): OutgoingMessage[][] {
  const groups: OutgoingMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    const group = groups.at(-1);
    if (group && bytes + size <= maxBytes) {
      group.push(message);
      bytes += size;
    } else {
      groups.push([message]);
      bytes = size;
    }
  }
  return groups;
}

/** What a record takes besides key, value and headers, at most: its length, attributes, and deltas of time and offset. */
const RECORD_BYTES = 32;

function sizeOf({ key, value, headers }: OutgoingMessage): number {
  let size = RECORD_BYTES + Buffer.byteLength(value) + (key === undefined ? 0 : Buffer.byteLength(key));
  for (const [name, content] of Object.entries(headers ?? {}))
    for (const one of [content].flat()) size += RECORD_BYTES + name.length * 3 + Buffer.byteLength(one ?? '');
  return size;
}
