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

export const unfoldLz4: Unfold = async (frame, limit) => {
  const target = Buffer.alloc(Math.min(mostBytes(frame), limit));
  const size = lz4.decompressFrame(frame, target);
  // lz4js drops bytes beyond the end of the target, but counts them.
  if (!(size <= target.length)) throw new TooMuch(limit);
  return target.subarray(0, size);
};

const LZ4_MAGIC = 0x184d2204;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const STORED = 0x8000_0000;

/**
 * Returns the most bytes that an LZ4 frame can unfold to. lz4js believes every length, and would read far beyond the end
 * of a broken frame for minutes, so the lengths are checked here.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 * @throws Error if the frame is broken, or has block checksums or a dictionary, which lz4js reads wrongly
 */
function mostBytes(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  if (frame.readUInt32LE(0) !== LZ4_MAGIC || (flags & (BLOCK_CHECKSUMS | DICTIONARY)) !== 0)
    throw new Error('expected an LZ4 frame without block checksums and dictionary');
  const blockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7));
  let most = 0;
  let at = (flags & CONTENT_SIZE) === 0 ? 7 : 15;
  for (let size = frame.readUInt32LE(at); size !== 0; size = frame.readUInt32LE(at)) {
    const length = size & (STORED - 1);
    at += 4 + length;
    if (length > blockBytes || at > frame.length) throw new Error('broken LZ4 frame: a block is longer than it may be');
    most += size >= STORED ? length : blockBytes;
  }
  return most;
}

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
