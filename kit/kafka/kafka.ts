import { type Admin, Kafka, type KafkaJSProtocolError, type LogEntry, logLevel } from 'kafkajs';
import { waitUntil } from '#base/deadline.ts';
import type { Log } from '#base/log.ts';
import { topics } from '#catalogue/topics.ts';
import type { KafkaConfig } from '../config.ts';
import { installCodecs } from './compression/codecs.ts';
import { readKafkaSecurity } from './kafka-security.ts';

const LEADERS_WITHIN_MS = 10_000;

const levels: Partial<Record<logLevel, 'error' | 'warn' | 'info' | 'debug'>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'debug',
};

/**
 * Returns an opener of a Kafka client for openConnections. The client itself opens no connection: each of its
 * producers, consumers and admin clients opens its own.
 * @param clientId the name of the process, as the broker's logs and quotas show it
 * @throws Error if the variables of TLS and SASL contradict each other
 */
export function kafkaFrom(config: KafkaConfig, clientId: string) {
  const security = readKafkaSecurity(config);
  installCodecs();
  return ({ log }: { readonly log: Log }) => ({
    client: new Kafka({
      ...security,
      brokers: config.KAFKA_BROKERS,
      clientId,
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 5 },
      logLevel: logLevel.INFO,
      logCreator: () => passOnLog(log),
    }),
    close: () => undefined,
  });
}

function passOnLog(log: Log): (entry: LogEntry) => void {
  return ({ level, log: { message, error, groupId } }) => {
    log[levels[level] ?? 'debug']({ kafka: message, error, group: groupId }, 'kafka client');
  };
}

/** Creates the topics of the platform that do not exist yet. Several processes may call this at once. */
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

/**
 * Waits until the partitions of the topics have leaders. A broker may not know yet about topics that the Kafka
 * controller has just created, and kafkajs treats that as an error.
 */
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

export type { Kafka };
