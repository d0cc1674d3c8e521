/** Decompression of record batches with a bound on the output. 9 kB of zstd can unfold to 300 MB. */
import { promisify } from 'node:util';
import { unzip, zstdDecompress } from 'node:zlib';
import lz4 from 'lz4js';
import snappy from 'snappyjs';

/** Returns the decompressed bytes. @throws TooMuch if they are more than `limit`; Error if the input is broken */
export type Unfold = (compressed: Buffer, limit: number) => Promise<Buffer>;

/** The decompressed records do not fit in the limit. */
export class TooMuch extends Error {
  constructor(limit: number) {
    super(`the records unfold to more than ${limit} bytes`);
    this.name = 'TooMuch';
  }
}

export const unfoldGzip = withZlib(promisify(unzip));
export const unfoldZstd = withZlib(promisify(zstdDecompress));

function withZlib(decompress: (input: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>): Unfold {
  return async (compressed, limit) => {
    try {
      return await decompress(compressed, { maxOutputLength: Math.max(1, limit) });
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooMuch(limit) : error;
    }
  };
}

/** The largest block of a frame. */
const LZ4_BLOCK_BYTES = 4 * 1024 * 1024;

export const unfoldLz4: Unfold = async (frame, limit) => {
  const most = lz4.decompressBound(frame);
  // The bound counts the last block and the end mark as full blocks.
  if (most - 2 * LZ4_BLOCK_BYTES > limit) throw new TooMuch(limit);
  const target = Buffer.alloc(Math.min(most, limit));
  const size = lz4.decompressFrame(frame, target);
  // lz4js drops bytes beyond the end of the target, but counts them.
  if (!(size <= target.length)) throw new TooMuch(limit);
  return target.subarray(0, size);
};

/** First bytes of the framing of snappy-java, which Java producers and the broker write. */
const FRAMED = Buffer.from('\x82SNAPPY\0', 'latin1');
/** The framing's header: magic, version, oldest compatible version. */
const FRAME_HEADER_BYTES = 16;

/** Decompresses the framing of snappy-java, or one raw block, which librdkafka writes. */
export const unfoldSnappy: Unfold = async (compressed, limit) => {
  if (!compressed.subarray(0, FRAMED.length).equals(FRAMED)) return unfoldBlock(compressed, limit);
  const blocks: Buffer[] = [];
  let size = 0;
  for (let at = FRAME_HEADER_BYTES; at < compressed.length; ) {
    const end = at + 4 + compressed.readInt32BE(at);
    if (end <= at + 4 || end > compressed.length) throw new Error('broken snappy framing');
    const block = unfoldBlock(compressed.subarray(at + 4, end), limit - size);
    size += block.length;
    blocks.push(block);
    at = end;
  }
  return Buffer.concat(blocks, size);
};

function unfoldBlock(block: Buffer, limit: number): Buffer {
  if (declaredSize(block) > limit) throw new TooMuch(limit);
  return snappy.uncompress(block, limit);
}

/** Reads the size that a block declares: a varint of at most 32 bits. */
function declaredSize(block: Buffer): number {
  let size = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index] ?? 0;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return size;
}
