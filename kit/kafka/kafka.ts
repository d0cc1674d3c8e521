import { type Admin, type Consumer, Kafka, type KafkaJSProtocolError, logLevel, type Producer } from 'kafkajs';
import { waitUntil } from '#base/deadline.ts';
import { topics } from '#catalogue/topics.ts';
import type { KafkaConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { type KafkaSecurity, readKafkaSecurity } from './kafka-security.ts';

export interface KafkaOptions {
  brokers: readonly string[];
  /** Name of the process, as the broker's logs and quotas show it. */
  clientId: string;
  /** Default: neither TLS nor authentication. */
  security?: KafkaSecurity;
  log: Logger;
}

const LEADERS_WITHIN_MS = 10_000;

const levels: Partial<Record<logLevel, 'error' | 'warn' | 'info' | 'debug'>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'debug',
};

/** Creates a client; it connects when a producer, a consumer or an admin client does. */
export function createKafka({ brokers, clientId, security, log }: KafkaOptions): Kafka {
  return new Kafka({
    ...security,
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 5 },
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ level, log: { message, error, groupId } }) => {
        log[levels[level] ?? 'debug']({ kafka: message, error, group: groupId }, 'kafka client');
      },
  });
}

/** For openConnections. @throws Error if the variables of TLS and SASL do not fit together */
export function kafkaFrom(config: KafkaConfig, clientId: string) {
  const security = readKafkaSecurity(config);
  return ({ log }: Pick<KafkaOptions, 'log'>) => ({
    client: createKafka({ brokers: config.KAFKA_BROKERS, security, clientId, log }),
    close: () => undefined,
  });
}

/** Creates those of the platform's topics that are missing. Several processes may do so at once. */
export async function createTopics(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = Object.values(topics).filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([setting, value]) => ({ name: setting, value })),
      })),
    });
    await waitForLeaders(
      admin,
      missing.map(({ name }) => name),
    );
  } finally {
    await admin.disconnect();
  }
}

/** The broker that answers may not know yet what the controller has just created; kafkajs treats that as an error. */
async function waitForLeaders(admin: Admin, names: string[]): Promise<void> {
  const limits = { withinMs: LEADERS_WITHIN_MS, everyMs: 50 };
  await waitUntil(`the topics ${names} have leaders`, limits, () => haveLeaders(admin, names));
}

async function haveLeaders(admin: Admin, names: string[]): Promise<boolean> {
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
    return found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    const { type } = error as KafkaJSProtocolError;
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE') return false;
    throw error;
  }
}

export type { Consumer, Kafka, Producer };
