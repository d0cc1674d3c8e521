import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { consumeBatches } from '#kit/kafka/consume-batches.ts';
import { createTopics, type Kafka } from '#kit/kafka/kafka.ts';
import { createLogger } from '#kit/log.ts';
import { connectKafka } from '#tools/observe/read-topic.ts';
import { eventually, until } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { startBackend } from './backend-process.ts';
import { send, withAdmin } from './kafka-topics.ts';
import { startService } from './service-process.ts';

const log = createLogger('test', 'silent');
let broker: TestKafka;
let kafka: Kafka;
let env: Record<string, string>;

beforeAll(async () => {
  broker = await startKafka({
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
  });
  kafka = connectKafka({ kafka: broker.brokers });
  await createTopics(kafka);
  env = {
    KAFKA_BROKERS: broker.brokers,
    DATABASE_URL: await createDatabase(inject('postgresUrl')),
    REDIS_URL: `${inject('redisUrl')}/8`,
  };
});
afterAll(() => broker?.stop());

/** Forbids everybody to read a topic, as an administrator does by mistake. */
function denyReading(topic: string): Promise<boolean> {
  const onTopic = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:ANONYMOUS',
    host: '*',
  };
  const acl = [
    // A topic with any rule is closed to everybody whom no rule allows.
    { ...onTopic, operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW },
    { ...onTopic, operation: AclOperationTypes.READ, permissionType: AclPermissionTypes.DENY },
  ];
  return withAdmin(kafka, (admin) => admin.createAcls({ acl }));
}

const WITHIN_MS = 30_000;

it('a consumer shows the age of messages that it never got', async () => {
  const topic = topics.deadLetters.name;
  await send(kafka, topic, [{ value: 'waits', timestamp: String(Date.now() - 3_600_000) }]);
  await denyReading(topic);
  const failed = Promise.withResolvers<Error>();
  const options = { groupId: 'denied', topic, maxMessages: 1, maxWaitMs: 100, handle: async () => undefined };
  const consumer = await consumeBatches(kafka, { ...options, onFailed: failed.resolve, log });
  try {
    expect((await failed.promise).message).toContain(`the consumer of ${topic} cannot go on: Not authorized`);
    expect(consumer.check()).toContain('not a member');
    const lags = () => consumer.progress(Date.now()).map(({ lagSeconds }) => lagSeconds);
    const [lag] = await until(20_000, 'a lag', lags, ([seconds = 0]) => seconds > 0);
    expect(lag).toBeGreaterThan(3_590);
    expect(lag).toBeLessThan(3_700);
    expect(consumer.progress(Date.now())).toMatchObject([{ committed: 0n, end: 1n }]);
  } finally {
    await consumer.stop();
  }
});

describe('a process whose consumer cannot go on', () => {
  it('ends with exit code 1 and the reason: trigger-dispatcher', async () => {
    const dispatcher = await startService('trigger-dispatcher', env);
    await dispatcher.untilReady();
    await denyReading(topics.signals.name);
    expect(await Promise.race([dispatcher.ended, late()])).toBe(1);
    await eventually(() => expectReason(dispatcher.log, topics.signals.name));
  });

  it('ends with exit code 1 and the reason: backend', async () => {
    const backend = await startBackend(env);
    await denyReading(topics.marketData.name);
    await eventually(() => expect(backend.child.exitCode).toBe(1), WITHIN_MS);
    await eventually(() => expectReason(backend.log, topics.marketData.name));
  });
});

function expectReason(log: readonly { level: string; message: string }[], topic: string): void {
  const fatal = log.filter(({ level }) => level === 'fatal');
  expect(fatal.map(({ message }) => message)).toEqual(['a part of the process cannot go on, stopping']);
  expect(JSON.stringify(fatal)).toContain(`the consumer of ${topic} cannot go on`);
  expect(JSON.stringify(fatal)).toContain('Not authorized to access topics');
  expect(log.at(-1)?.message).toBe('stopped');
}

function late(): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(`still running after ${WITHIN_MS} ms`), WITHIN_MS).unref());
}
