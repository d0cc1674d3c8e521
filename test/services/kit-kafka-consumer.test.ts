import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BatchConsumer } from '#kit/kafka/consume-batches.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import { until } from '../support/eventually.ts';
import { openTopics, textsOf } from './kafka-topics.ts';

const { kafka, createTopic, send, consume } = openTopics();
const running: BatchConsumer[] = [];
afterEach(() => Promise.all(running.splice(0).map((consumer) => consumer.stop())));

const anHourAgo = () => String(Date.now() - 3_600_000);

describe('a consumer', () => {
  it('goes on after the group was rebalanced while it handled a batch', async () => {
    const topic = await createTopic({}, 2);
    const seen = new Set<string>();
    const gate = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const failures: Error[] = [];
    const onFailed = (error: Error) => void failures.push(error);
    await send(
      topic,
      [0, 1].map((partition) => ({ partition, value: `first ${partition}` })),
    );
    running.push(
      await consume(topic, {
        onFailed,
        async handle(batch) {
          held.resolve();
          await gate.promise;
          for (const text of textsOf(batch)) seen.add(text);
        },
      }),
    );
    await held.promise;
    const second = consume(topic, {
      onFailed,
      async handle(batch) {
        for (const text of textsOf(batch)) seen.add(text);
      },
    });
    // The second member joins once the first one has failed to commit, or after the time that a rebalance may take.
    await sleep(3_000);
    gate.resolve();
    running.push(await second);
    await send(
      topic,
      [0, 1].map((partition) => ({ partition, value: `second ${partition}` })),
    );
    await until(
      40_000,
      'all messages',
      () => [...seen].sort(),
      (texts) => texts.length === 4,
    );
    const left = () =>
      running.flatMap((one) => one.progress(Date.now()).map(({ committed, end }) => Number(end - committed)));
    await until(20_000, 'all committed', left, (all) => all.length === 2 && all.every((count) => count === 0));
    expect(failures).toEqual([]);
  });

  it('has no lag behind the control record that ends a transaction, and readLast ends there', async () => {
    const topic = await createTopic();
    const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const [value, end] of [
      ['kept', 'commit'],
      ['dropped', 'abort'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: 'k', value, timestamp: anHourAgo() }] });
      await transaction[end]();
    }
    await producer.disconnect();
    expect(await readLast(kafka, topic, { groupId: 'last', parse: String, timeoutMs: 10_000 })).toEqual(
      new Map([['k', 'kept']]),
    );
    const seen: string[] = [];
    const consumer = await consume(topic, { handle: async (batch) => void seen.push(...textsOf(batch)) });
    running.push(consumer);
    await until(20_000, 'the message', () => seen.length > 0);
    const ends = () => consumer.progress(Date.now()).map(({ committed, end }) => [Number(committed), Number(end)]);
    await until(20_000, 'the end', ends, ([one]) => one?.[0] === 1 && one[1] === 4);
    // Two more reads of the offsets from the broker.
    await sleep(11_000);
    expect(consumer.progress(Date.now())).toMatchObject([{ committed: 1n, end: 4n, lagSeconds: 0 }]);
    expect(seen).toEqual(['kept']);
  });
});
