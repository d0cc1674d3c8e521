import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { kafkaConfigSchema, readConfig } from '#kit/config.ts';
import { type BatchConsumer, consumeBatches, type IncomingMessage } from '#kit/kafka/consume-batches.ts';
import { createTopics, type Kafka, kafkaFrom } from '#kit/kafka/kafka.ts';
import { startPublisher } from '#kit/kafka/publisher.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import { createLogger } from '#kit/log.ts';
import { until } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';

const log = createLogger('test', 'silent');
const keys = ['BTCUSD', 'EURUSD', 'GOOG'];

/** Each test uses its own topic. */
describe('kit/kafka on a broker of its own', () => {
  let server: TestKafka;
  let kafka: Kafka;
  let consumer: BatchConsumer | undefined;
  const failures: Error[] = [];

  beforeAll(async () => {
    server = await startKafka();
    kafka = kafkaFrom(readConfig(kafkaConfigSchema, { KAFKA_BROKERS: server.brokers }), 'test')({ log }).client;
  });
  afterEach(async () => {
    await consumer?.stop();
    consumer = undefined;
    expect(failures.splice(0)).toEqual([]);
  });
  afterAll(() => server?.stop());

  async function createTopic(): Promise<string> {
    const topic = `test-${randomUUID()}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
    await admin.disconnect();
    return topic;
  }

  const roundOf = (n: number) => keys.map((key) => ({ key, value: String(n), headers: { traceparent: `trace-${n}` } }));

  /** Creates a topic with 15 messages: five for each of three keys. */
  async function createFilledTopic(): Promise<string> {
    const topic = await createTopic();
    const publisher = await startPublisher(kafka, log);
    for (const n of [0, 1, 2, 3, 4]) await publisher.publish(topic, roundOf(n));
    await publisher.stop();
    return topic;
  }

  function consume(topic: string, handle: (batch: readonly IncomingMessage[]) => Promise<void>) {
    const onFailed = (error: Error) => void failures.push(error);
    const options = { groupId: `group-${topic}`, topic, maxMessages: 20, maxWaitMs: 100, onFailed, log };
    return consumeBatches(kafka, { ...options, handle });
  }

  it('creates the topics with their partitions, also if two callers do so at once', async () => {
    await Promise.all([createTopics(kafka), createTopics(kafka)]);
    const [signals, deadLetters] = [topics.signals.name, topics.deadLetters.name];
    const admin = kafka.admin();
    await admin.connect();
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [signals, deadLetters] });
    await admin.disconnect();
    const counts = Object.fromEntries(found.map(({ name, partitions }) => [name, partitions.length]));
    expect(counts).toEqual({ [signals]: 3, [deadLetters]: 1 });
  });

  it('publishes through a restart of the broker, in order and each message once', async () => {
    const topic = await createTopic();
    const publisher = await startPublisher(kafka, log);
    const failures: string[] = [];
    const publish = (n: number) => publisher.publish(topic, roundOf(n), { onFailure: (type) => failures.push(type) });
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
    consumer = await consume(topic, async (batch) => void seen.push(...batch));
    await until(30_000, '15 messages', () => seen.length >= 15);
    for (const key of keys) {
      const ofKey = seen.filter((message) => message.key === key);
      expect(ofKey.map(({ value }) => value.toString())).toEqual(['0', '1', '2', '3', '4']);
      expect(ofKey[2]?.headers).toEqual({ traceparent: Buffer.from('trace-2') });
    }
  });

  it('commits only handled messages: the next member of the group gets a failed batch again, and the member after it gets nothing', async () => {
    const topic = await createFilledTopic();
    const failed: number[] = [];
    const first = await consume(topic, async (batch) => {
      failed.push(batch.length);
      throw new Error('the database is away');
    });
    await until(30_000, 'a second attempt at the batch', () => failed.length > 1);
    await first.stop();

    const seen: string[] = [];
    const second = await consume(topic, async (batch) => void seen.push(...batch.map(({ value }) => value.toString())));
    await until(30_000, 'all messages again', () => seen.length >= 15);
    expect(seen).toHaveLength(15);
    await second.stop();

    const third: number[] = [];
    consumer = await consume(topic, async (batch) => void third.push(batch.length));
    const reached = () => consumer?.progress(Date.now()) ?? [];
    await until(30_000, 'the progress of its partitions', () => reached().length > 0);
    expect(reached().map(({ committed, end, lagSeconds }) => [committed === end, lagSeconds])).toEqual(
      reached().map(() => [true, 0]),
    );
    expect(third).toEqual([]);
  });

  it('reports the age of the oldest unconsumed message', async () => {
    const gate = Promise.withResolvers<void>();
    consumer = await consume(await createFilledTopic(), () => gate.promise);
    await until(30_000, 'a lag', () => (consumer?.progress(Date.now()) ?? []).some(({ lagSeconds }) => lagSeconds > 0));
    const inAnHour = consumer.progress(Date.now() + 3_600_000).map(({ lagSeconds }) => lagSeconds);
    expect(Math.max(...inAnHour)).toBeGreaterThan(3_600);
    gate.resolve();
    await until(30_000, 'no lag', () =>
      (consumer?.progress(Date.now()) ?? []).every(({ lagSeconds }) => lagSeconds === 0),
    );
  });

  it('reads the last item of each key, and none from an empty topic', async () => {
    const parse = (value: Buffer) => (value.toString() === 'no item' ? undefined : value.toString());
    const topic = await createFilledTopic();
    const publisher = await startPublisher(kafka, log);
    await publisher.publish(topic, [{ key: 'GOOG', value: 'no item' }]);
    await publisher.stop();
    const last = await readLast(kafka, topic, { groupId: 'resume', parse });
    expect([...last].sort()).toEqual([
      ['BTCUSD', '4'],
      ['EURUSD', '4'],
      ['GOOG', '4'],
    ]);
    expect(await readLast(kafka, await createTopic(), { groupId: 'resume', parse })).toEqual(new Map());
  });
});
