/**
 * Record batches (magic 2) as Kafka stores them: a header of 61 bytes, then the compressed records. kafkajs passes only
 * the compressed records to a codec, as a slice of the response, so the header stands in the memory before them.
 * Layout: https://kafka.apache.org/documentation/#recordbatch
 */
export interface RecordBatchHeader {
  readonly baseOffset: bigint;
  readonly lastOffsetDelta: number;
  /** Number of records, as the producer declares it. */
  readonly count: number;
}

const HEADER_BYTES = 61;
/** The header's field `batchLength` counts the bytes after itself, which ends at byte 12. */
const LENGTH_ENDS_AT = 12;
const MAGIC = 2;

/** Returns the header before the compressed records, or undefined if no header of magic 2 stands there. */
export function readHeaderBefore(records: Buffer): RecordBatchHeader | undefined {
  if (records.byteOffset < HEADER_BYTES) return undefined;
  const header = Buffer.from(records.buffer, records.byteOffset - HEADER_BYTES, HEADER_BYTES);
  const fits = header.readInt32BE(8) === HEADER_BYTES - LENGTH_ENDS_AT + records.length;
  if (!fits || header.readInt8(16) !== MAGIC) return undefined;
  return {
    baseOffset: header.readBigInt64BE(0),
    lastOffsetDelta: header.readInt32BE(23),
    count: header.readInt32BE(57),
  };
}

/** Returns whether the decompressed bytes hold this many records. kafkajs ends a consumer for good if a record is missing. */
export function holdsRecords(records: Buffer, count: number): boolean {
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = records[at++];
      if (byte === undefined || shift > 28) return false;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    // Lengths are in zigzag: odd numbers are negative.
    if (length % 2 === 1) return false;
    at += length / 2;
    if (at > records.length) return false;
  }
  return true;
}

/** An offset delta so far below the batch that kafkajs drops the record as older than the offset it asked for. */
const DROPPED = -(2 ** 31);

/**
 * Builds decompressed records in place of those that cannot be read: one record at the last offset of the batch, which
 * has only this header, and before it fillers that kafkajs drops.
 */
export function buildStandIn({ count, lastOffsetDelta }: RecordBatchHeader, name: string, value: string): Buffer {
  const filler = buildRecord(DROPPED, []);
  const last = buildRecord(lastOffsetDelta, [name, value]);
  return Buffer.concat([...Array.from({ length: count - 1 }, () => filler), last]);
}

/** Encodes a record without key and value. @param header name and value, or nothing */
function buildRecord(offsetDelta: number, header: readonly string[]): Buffer {
  const absent = writeVarint(-1);
  const texts = header.flatMap((text) => [writeVarint(Buffer.byteLength(text)), Buffer.from(text)]);
  const body = Buffer.concat([
    Buffer.from([0]),
    writeVarint(0),
    writeVarint(offsetDelta),
    absent,
    absent,
    writeVarint(header.length / 2),
    ...texts,
  ]);
  return Buffer.concat([writeVarint(body.length), body]);
}

/** Encodes a signed number of 32 bits in zigzag and 7 bits a byte. */
function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
