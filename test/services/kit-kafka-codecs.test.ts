import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BatchConsumer, IncomingMessage } from '#kit/kafka/consume-batches.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import { until } from '../support/eventually.ts';
import { openTopics, textsOf } from './kafka-topics.ts';

const { kafka, createTopic, send, consume } = openTopics();
let consumer: BatchConsumer | undefined;
afterEach(() => consumer?.stop());

/** Consumes a topic until it has this many messages, and for a moment longer, in which no further one may come. */
async function read(topic: string, count: number): Promise<IncomingMessage[]> {
  const seen: IncomingMessage[] = [];
  consumer = await consume(topic, { handle: async (batch) => void seen.push(...batch) });
  await until(30_000, `${count} messages`, () => seen.length >= count);
  await sleep(500);
  expect(seen).toHaveLength(count);
  return seen;
}

describe('a consumer', () => {
  // The broker compresses with the libraries that Java producers use.
  it.each(['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'])('reads %s', async (codec) => {
    const topic = await createTopic({ 'compression.type': codec });
    const texts = Array.from({ length: 2_000 }, (_, n) => `${n}: ${'some text '.repeat(n % 40)}`);
    await send(
      topic,
      texts.map((value, n) => ({ key: `k${n % 3}`, value, headers: { n: String(n) } })),
    );
    const seen = await read(topic, texts.length);
    expect(textsOf(seen)).toEqual(texts);
    expect(seen[1_999]).toMatchObject({ key: 'k1', offset: 1_999n, headers: { n: Buffer.from('1999') } });
    const last = await readLast(kafka, topic, { groupId: 'last', parse: String });
    expect(last.get('k1')).toBe(texts[1_999]);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'gets one message in place of a %s batch that unfolds to 40 MB',
    async (codec) => {
      const topic = await createTopic({ 'compression.type': codec, 'max.message.bytes': '64000000' });
      await send(topic, [{ value: 'before' }]);
      await send(topic, [{ value: 'lost' }, { value: Buffer.alloc(40_000_000) }, { value: 'lost' }]);
      await send(topic, [{ value: 'after' }]);
      const seen = await read(topic, 3);
      expect(textsOf(seen)).toEqual(['before', '', 'after']);
      expect(seen[1]).toMatchObject({ key: undefined, offset: 3n, headers: {} });
      expect(seen[1]?.unreadable).toMatch(
        /the 3 records of offsets 1 to 3: the records unfold to more than 3\d+ bytes/,
      );
      expect(seen.filter(({ unreadable }) => unreadable)).toHaveLength(1);
    },
  );

  it('reads batches in several fetches that together would take too much memory', async () => {
    const topic = await createTopic({ 'compression.type': 'zstd', 'max.message.bytes': '64000000' });
    for (const text of ['a', 'b', 'c']) await send(topic, [{ value: text.repeat(20_000_000) }, { value: text }]);
    const seen = await read(topic, 6);
    expect(seen.map(({ value, unreadable }) => [value.length, unreadable])).toEqual(
      [20_000_000, 1, 20_000_000, 1, 20_000_000, 1].map((length) => [length, undefined]),
    );
  });
});
