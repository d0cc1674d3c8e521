import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { kafkaConfigSchema, readConfig } from '#kit/config.ts';
import { createKafka, createTopics } from '#kit/kafka/kafka.ts';
import { readKafkaSecurity } from '#kit/kafka/kafka-security.ts';
import { createLogger } from '#kit/log.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';

const log = createLogger('test', 'silent');

/** A broker that lets in nobody without a password. */
const withPasswords = {
  'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
    'username="broker" password="of-the-broker" user_broker="of-the-broker" user_trading="of-trading";',
};

describe('a broker that asks who it is', () => {
  let server: TestKafka;
  beforeAll(async () => {
    server = await startKafka(withPasswords);
  });
  afterAll(() => server?.stop());

  function connect(password: string) {
    const env = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'trading', KAFKA_PASSWORD: password };
    const security = readKafkaSecurity(readConfig(kafkaConfigSchema, env));
    return createKafka({ brokers: [server.brokers], clientId: 'test', security, log });
  }

  it('lets in who has the password', async () => {
    const kafka = connect('of-trading');
    await createTopics(kafka);
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain(topics.signals.name);
    await admin.disconnect();
  });

  it('and nobody else', async () => {
    await expect(createTopics(connect('guessed'))).rejects.toThrow(/authentication/i);
  });
});
