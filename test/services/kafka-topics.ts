import { randomUUID } from 'node:crypto';
import { type Admin, CompressionTypes, type Message } from 'kafkajs';
import { inject } from 'vitest';
import { kafkaConfigSchema, readConfig } from '#kit/config.ts';
import { type ConsumeOptions, consumeBatches, type IncomingMessage } from '#kit/kafka/consume-batches.ts';
import { type Kafka, kafkaFrom } from '#kit/kafka/kafka.ts';
import { createLogger } from '#kit/log.ts';

const log = createLogger('test', 'silent');

/** Returns functions that create topics on the shared broker, fill them without the platform's publisher, and consume them. */
export function openTopics() {
  const config = readConfig(kafkaConfigSchema, { KAFKA_BROKERS: inject('kafkaBrokers') });
  const kafka = kafkaFrom(config, 'test')({ log }).client;
  return {
    kafka,
    log,
    createTopic: (settings: Record<string, string> = {}, numPartitions = 1) =>
      createTopic(kafka, settings, numPartitions),
    send: (topic: string, messages: Message[]) => send(kafka, topic, messages),
    consume: (topic: string, options: Pick<ConsumeOptions, 'handle'> & Partial<ConsumeOptions>) =>
      consumeBatches(kafka, {
        ...{ groupId: `group-${topic}`, topic, maxMessages: 20, maxWaitMs: 100, log },
        onFailed: (error) => {
          throw error;
        },
        ...options,
      }),
  };
}

async function createTopic(kafka: Kafka, settings: Record<string, string>, numPartitions: number): Promise<string> {
  const topic = `test-${randomUUID()}`;
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await withAdmin(kafka, (admin) => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] }));
  return topic;
}

export async function withAdmin<Result>(kafka: Kafka, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Sends all messages in one request, so the messages of a partition are one record batch. Compresses with gzip if asked to. */
export async function send(kafka: Kafka, topic: string, messages: Message[], gzip = false): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages, ...(gzip && { compression: CompressionTypes.GZIP }) });
  await producer.disconnect();
}

export const textsOf = (messages: readonly IncomingMessage[]): string[] => messages.map(({ value }) => String(value));
