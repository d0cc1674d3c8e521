import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { KAFKA_USER } from '#local/servers/kafka.ts';

interface TopicMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

/** Where a Kafka is, and the password of the user of `make up`; without a password, the client does not authenticate. */
export interface KafkaAddress {
  readonly kafka: string;
  readonly kafkaPassword?: string;
}

/** Creates a Kafka client that logs nothing, because a failed call throws its error. */
export function connectKafka({ kafka, kafkaPassword: password }: KafkaAddress): Kafka {
  const sasl = password === undefined ? {} : { sasl: { mechanism: 'plain' as const, username: KAFKA_USER, password } };
  return new Kafka({ brokers: [kafka], clientId: 'test', logLevel: logLevel.NOTHING, ...sasl });
}

/** Returns the sum of a topic's end offsets: how many messages were ever published to it. */
export async function countMessages(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

/** Reads every message that the topic contains now, sorted by partition and offset. Commits nothing. */
export async function readTopic(kafka: Kafka, topic: string): Promise<TopicMessage[]> {
  const expected = await countMessages(kafka, topic);
  const messages: TopicMessage[] = [];
  if (expected === 0) return messages;
  const consumer = kafka.consumer({ groupId: `test-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 100 });
  const complete = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      messages.push({
        partition,
        offset: Number(message.offset),
        key: message.key?.toString(),
        value: message.value ?? Buffer.alloc(0),
        headers: Object.fromEntries(headers),
      });
      if (messages.length === expected) complete.resolve();
    },
  });
  await complete.promise;
  await consumer.disconnect();
  return messages.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/** Parses the JSON values of the messages with this key, in the order given. */
export function parseOf<Value>(messages: readonly TopicMessage[], key: string): Value[] {
  return messages.filter((message) => message.key === key).map(({ value }) => JSON.parse(value.toString()) as Value);
}
