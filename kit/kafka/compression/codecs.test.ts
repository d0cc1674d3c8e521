import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installCodecs, startFetchBudget } from './codecs.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;
const MB = 1_000_000;

beforeAll(installCodecs);
beforeEach(startFetchBudget);

/** Returns compressed records as kafkajs passes them: a slice behind the header of their batch. */
function placeInBatch(records: Buffer, count: number): Buffer {
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(1_000n, 0);
  header.writeInt32BE(49 + records.length, 8);
  header.writeInt8(2, 16);
  header.writeInt32BE(count - 1, 23);
  header.writeInt32BE(count, 57);
  return Buffer.concat([Buffer.alloc(100), header, records]).subarray(161);
}

/** Compresses a batch of empty records, the last of which takes the rest of the bytes. @param count as its header has it */
async function zstd(bytes: number, count = 1): Promise<Buffer> {
  const last = Buffer.alloc(bytes - (count - 1));
  // The length of the last record: a varint of five bytes, in zigzag.
  const length = (last.length - 5) * 2;
  for (let index = 0; index < 5; index += 1)
    last[index] = ((length / 2 ** (7 * index)) & 0x7f) | (index < 4 ? 0x80 : 0);
  return placeInBatch(await promisify(zstdCompress)(Buffer.concat([Buffer.alloc(count - 1), last])), count);
}
const decompress = (records: Buffer, type: keyof typeof CompressionCodecs = CompressionTypes.ZSTD): Promise<Buffer> =>
  CompressionCodecs[type]().decompress(records);
const partial = { name: 'KafkaJSPartialMessageError' };

describe('the codecs', () => {
  it('leave a batch for the next fetch if it does not fit beside those before it', async () => {
    expect(await decompress(await zstd(20 * MB))).toHaveLength(20 * MB);
    await expect(decompress(await zstd(20 * MB))).rejects.toMatchObject(partial);
    startFetchBudget();
    expect(await decompress(await zstd(20 * MB))).toHaveLength(20 * MB);
  });

  it('count what each record takes besides its bytes', async () => {
    await decompress(await zstd(MB, 60_000));
    await expect(decompress(await zstd(MB, 60_000))).rejects.toMatchObject(partial);
  });

  it('name the next offset if a batch has more records than kafkajs can decode', async () => {
    await expect(decompress(await zstd(MB, 200_000))).rejects.toThrow(/200000 records, .*--to-offset 201000\)/);
  });

  it.each([
    [CompressionTypes.GZIP, 'gzip'],
    [CompressionTypes.Snappy, 'snappy'],
    [CompressionTypes.LZ4, 'lz4'],
    [CompressionTypes.ZSTD, 'zstd'],
  ] as const)('put a record with the reason in place of broken bytes (codec %i, %s)', async (type, _name) => {
    const broken = Buffer.from('these bytes are no compressed records');
    const standIn = await decompress(placeInBatch(broken, 3), type);
    expect(standIn.toString()).toMatch(
      /unreadable-[0-9a-f-]{36}.*cannot decompress the 3 records of offsets 1000 to 1002: /,
    );
  });

  // Some versions of Node unfold a truncated zstd frame, or only the first of two, without an error.
  it('put a record with the reason in place of records that are not all there', async () => {
    const short = placeInBatch(await promisify(zstdCompress)(Buffer.from([0x0e, 0, 0, 0])), 2);
    expect((await decompress(short)).toString()).toContain('the decompressed bytes end before the last record');
  });

  it('throw if the bytes before the records are no header, so that nothing is made up', async () => {
    const alone = Buffer.concat([Buffer.alloc(100), Buffer.from('no records')]).subarray(100);
    await expect(decompress(alone)).rejects.toThrow();
    expect(await decompress(Buffer.concat([Buffer.alloc(100), await promisify(gzip)('x')]).subarray(100), 1)).toEqual(
      Buffer.from('x'),
    );
  });
});
