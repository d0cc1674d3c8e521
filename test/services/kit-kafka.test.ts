import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { type BatchConsumer, consumeBatches, type IncomingMessage } from '#kit/kafka/consume-batches.ts';
import { createKafka, createTopics, type Kafka } from '#kit/kafka/kafka.ts';
import { startPublisher } from '#kit/kafka/publisher.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import { createLogger } from '#kit/log.ts';
import { until } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';

const log = createLogger('test', 'silent');
const topic = topics.signals.name;

describe('kit/kafka on a broker of its own', () => {
  let server: TestKafka;
  let kafka: Kafka;
  let consumer: BatchConsumer | undefined;

  beforeAll(async () => {
    server = await startKafka();
    kafka = createKafka({ brokers: [server.brokers], clientId: 'test', log });
    await Promise.all([createTopics(kafka), createTopics(kafka)]);
  });
  afterAll(async () => {
    await consumer?.stop();
    await server?.stop();
  });

  function consume(groupId: string, handle: (batch: readonly IncomingMessage[]) => Promise<void>) {
    return consumeBatches(kafka, { groupId, topic, maxMessages: 20, maxWaitMs: 100, handle, log });
  }

  it('creates the topics with their partitions', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic, topics.deadLetters.name] });
    await admin.disconnect();
    const counts = Object.fromEntries(found.map(({ name, partitions }) => [name, partitions.length]));
    expect(counts).toEqual({ [topic]: 3, [topics.deadLetters.name]: 1 });
  });

  it('publishes through a restart of the broker, in order and each message once', async () => {
    const publisher = await startPublisher(kafka, log);
    const failures: string[] = [];
    const keys = ['BTCUSD', 'EURUSD', 'GOOG'];
    const publish = (n: number) =>
      publisher.publish(
        topic,
        keys.map((key) => ({ key, value: String(n), headers: { traceparent: `trace-${n}` } })),
        { onFailure: (type) => failures.push(type) },
      );
    await publish(0);
    await server.halt({ kill: true });
    const later = [1, 2, 3, 4].map(publish);
    await until(30_000, 'a failed attempt', () => failures.length > 0);
    expect(publisher.check()).toContain('cannot publish');
    await server.start();
    await Promise.all(later);
    expect(publisher.check()).toBeUndefined();
    await publisher.stop();

    const seen: IncomingMessage[] = [];
    consumer = await consume('order', async (batch) => void seen.push(...batch));
    await until(30_000, '15 messages', () => seen.length >= 15);
    for (const key of keys) {
      const ofKey = seen.filter((message) => message.key === key);
      expect(ofKey.map(({ value }) => value.toString())).toEqual(['0', '1', '2', '3', '4']);
      expect(ofKey[2]?.headers).toEqual({ traceparent: Buffer.from('trace-2') });
    }
    await consumer.stop();
    consumer = undefined;
  });

  it('commits only what was handled: a batch that failed comes again to the next member', async () => {
    const failed: number[] = [];
    const first = await consume('crash', async (batch) => {
      failed.push(batch.length);
      throw new Error('the database is away');
    });
    await until(30_000, 'a second try of the batch', () => failed.length > 1);
    await first.stop();

    const seen: string[] = [];
    consumer = await consume('crash', async (batch) => void seen.push(...batch.map(({ value }) => value.toString())));
    await until(30_000, 'all messages again', () => seen.length >= 15);
    expect(seen).toHaveLength(15);
    await consumer.stop();
    consumer = undefined;

    const third: number[] = [];
    consumer = await consume('crash', async (batch) => void third.push(batch.length));
    const reached = () => consumer?.progress(Date.now()) ?? [];
    await until(30_000, 'the progress of its partitions', () => reached().length > 0);
    expect(reached().map(({ committed, end, lagSeconds }) => [committed === end, lagSeconds])).toEqual(
      reached().map(() => [true, 0]),
    );
    expect(third).toEqual([]);
    await consumer.stop();
    consumer = undefined;
  });

  it('says how old the oldest unconsumed message is', async () => {
    const gate = Promise.withResolvers<void>();
    consumer = await consume('lag', () => gate.promise);
    await until(30_000, 'a lag', () => (consumer?.progress(Date.now()) ?? []).some(({ lagSeconds }) => lagSeconds > 0));
    const inAnHour = consumer.progress(Date.now() + 3_600_000).map(({ lagSeconds }) => lagSeconds);
    expect(Math.max(...inAnHour)).toBeGreaterThan(3_600);
    gate.resolve();
    await until(30_000, 'no lag', () =>
      (consumer?.progress(Date.now()) ?? []).every(({ lagSeconds }) => lagSeconds === 0),
    );
  });

  it('reads the last message of each key, and nothing from an empty topic', async () => {
    const last = await readLast(kafka, topic, { groupId: 'resume' });
    expect([...last].map(([key, value]) => [key, value.toString()]).sort()).toEqual([
      ['BTCUSD', '4'],
      ['EURUSD', '4'],
      ['GOOG', '4'],
    ]);
    expect(await readLast(kafka, topics.marketData.name, { groupId: 'resume' })).toEqual(new Map());
  });
});
