import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import kafkajs, { type IHeaders } from 'kafkajs';
import { buildStandIn, holdsRecords, type RecordBatchHeader, readHeaderBefore } from './record-batch.ts';
import { TooMuch, type Unfold, unfoldGzip, unfoldLz4, unfoldSnappy, unfoldZstd } from './unfold.ts';

const { CompressionCodecs, CompressionTypes, KafkaJSNonRetriableError } = kafkajs;

/** The most memory that the decompressed records of one fetch take. A single larger batch cannot be read. */
const FETCH_BYTES = 32 * 1024 * 1024;
/** What a decoded record takes besides its bytes. So a fetch has at most about 100,000 records. */
const RECORD_BYTES = 320;

/** The header of a record that stands for an unreadable batch. Random, so that no producer can send it. */
const UNREADABLE = `unreadable-${randomUUID()}`;

let spent = 0;

/** Starts the budget of a fetch. To be called before each fetch. */
export function startFetchBudget(): void {
  spent = 0;
}

/** Returns why the batch that this message stands for cannot be read, or undefined for an ordinary message. */
export function unreadableReason(headers: IHeaders | undefined): string | undefined {
  return headers?.[UNREADABLE]?.toString();
}

/**
 * Makes kafkajs read all codecs of Kafka within a budget of memory. kafkajs alone reads only gzip, without a bound, and
 * ends a consumer for good at any other codec. Producers can still compress with gzip only.
 */
export function installCodecs(): void {
  const unfolds = {
    [CompressionTypes.GZIP]: unfoldGzip,
    [CompressionTypes.Snappy]: unfoldSnappy,
    [CompressionTypes.LZ4]: unfoldLz4,
    [CompressionTypes.ZSTD]: unfoldZstd,
  };
  for (const [type, unfold] of Object.entries(unfolds)) {
    CompressionCodecs[Number(type) as keyof typeof unfolds] = () => ({
      compress: compress(Number(type)),
      decompress: (compressed: Buffer) => decompress(unfold, compressed),
    });
  }
}

function compress(type: number) {
  return async ({ buffer }: { buffer: Buffer }): Promise<Buffer> => {
    if (type === CompressionTypes.GZIP) return promisify(gzip)(buffer);
    throw new KafkaJSNonRetriableError('compression: expected gzip or none');
  };
}

async function decompress(unfold: Unfold, compressed: Buffer): Promise<Buffer> {
  const header = readHeaderBefore(compressed);
  if (!header) return unfold(compressed, FETCH_BYTES);
  const room = FETCH_BYTES - spent - header.count * RECORD_BYTES;
  if (room <= 0 && spent === 0) throw tooManyRecords(header);
  if (room <= 0) throw new LaterFetch();
  try {
    const records = await unfold(compressed, room);
    if (!holdsRecords(records, header.count)) throw new Error('the decompressed bytes end before the last record');
    spent += records.length + header.count * RECORD_BYTES;
    return records;
  } catch (error) {
    if (error instanceof TooMuch && spent > 0) throw new LaterFetch();
    return buildStandIn(header, UNREADABLE, describe(header, error));
  }
}

/** kafkajs then returns the batches before this one, and asks for this one in the next fetch. */
class LaterFetch extends Error {
  override readonly name = 'KafkaJSPartialMessageError';
}

function describe({ baseOffset, lastOffsetDelta, count }: RecordBatchHeader, error: unknown): string {
  const last = baseOffset + BigInt(lastOffsetDelta);
  const why = error instanceof Error ? error.message : String(error);
  return `cannot decompress the ${count} records of offsets ${baseOffset} to ${last}: ${why}`;
}

function tooManyRecords({ baseOffset, lastOffsetDelta, count }: RecordBatchHeader): Error {
  const next = baseOffset + BigInt(lastOffsetDelta) + 1n;
  return new KafkaJSNonRetriableError(
    `the batch at offset ${baseOffset} has ${count} records, and a consumer can read at most ${Math.floor(FETCH_BYTES / RECORD_BYTES)}; ` +
      `stop the consumers and move the group to offset ${next} (kafka-consumer-groups --reset-offsets --to-offset ${next})`,
  );
}
