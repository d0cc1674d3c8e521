import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TooMuch, type Unfold, unfoldGzip, unfoldLz4, unfoldSnappy, unfoldZstd } from './unfold.ts';

const require = createRequire(import.meta.url);
const lz4 = require('lz4js') as { compress: (input: Uint8Array) => Uint8Array };
const snappy = require('snappyjs') as { compress: (input: Buffer) => Buffer };

/** As snappy-java frames blocks: a header of 16 bytes, then the length and the content of each block. */
function frame(input: Buffer, blockBytes: number): Buffer {
  const parts: Buffer[] = [Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1')];
  for (let at = 0; at < input.length; at += blockBytes) {
    const block = snappy.compress(input.subarray(at, at + blockBytes));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

type Compress = (input: Buffer) => Promise<Buffer> | Buffer;
const codecs: [string, Compress, Unfold][] = [
  ['gzip', promisify(gzip) as Compress, unfoldGzip],
  ['zstd', promisify(zstdCompress) as Compress, unfoldZstd],
  ['lz4', (input) => Buffer.from(lz4.compress(input)), unfoldLz4],
  ['snappy, as librdkafka writes it', (input) => snappy.compress(input), unfoldSnappy],
  ['snappy, as Java writes it', (input) => frame(input, 32_768), unfoldSnappy],
];

describe.each(codecs)('%s', (_, compress, unfold) => {
  const plain = Buffer.concat([randomBytes(70_000), Buffer.alloc(130_000, 'a text that repeats ')]);

  it('returns the bytes, up to exactly the limit', async () => {
    const compressed = await compress(plain);
    expect(Buffer.from(await unfold(compressed, 1_000_000)).equals(plain)).toBe(true);
    expect(Buffer.from(await unfold(compressed, plain.length)).equals(plain)).toBe(true);
    await expect(unfold(compressed, plain.length - 1)).rejects.toThrow(TooMuch);
    await expect(unfold(compressed, 1_000)).rejects.toThrow(TooMuch);
  });

  it('ends soon with any bytes, and never returns more than the limit', async () => {
    const compressed = await compress(plain);
    const change = fc.record({ at: fc.nat(compressed.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(compressed.length),
        async (changes, end) => {
          const broken = Buffer.from(compressed.subarray(0, end));
          for (const { at, byte } of changes) if (at < end) broken[at] = byte;
          const began = performance.now();
          const unfolded = await unfold(broken, 250_000).catch((error: unknown) => error);
          expect(performance.now() - began).toBeLessThan(2_000);
          if (Buffer.isBuffer(unfolded)) expect(unfolded.length).toBeLessThanOrEqual(250_000);
          else expect(unfolded).toBeInstanceOf(Error);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});
