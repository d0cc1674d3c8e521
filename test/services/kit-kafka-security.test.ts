import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { kafkaConfigSchema, readConfig } from '#kit/config.ts';
import { createTopics, kafkaFrom } from '#kit/kafka/kafka.ts';
import { createLogger } from '#kit/log.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';

const log = createLogger('test', 'silent');

/** Settings of a broker whose clients must authenticate with SASL. */
const withPasswords = {
  'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
    'username="broker" password="of-the-broker" user_broker="of-the-broker" user_trading="of-trading";',
};

describe('a broker that requires SASL', () => {
  let server: TestKafka;
  beforeAll(async () => {
    server = await startKafka(withPasswords);
  });
  afterAll(() => server?.stop());

  function connect(password: string) {
    const login = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'trading', KAFKA_PASSWORD: password };
    const config = readConfig(kafkaConfigSchema, { KAFKA_BROKERS: server.brokers, ...login });
    return kafkaFrom(config, 'test')({ log }).client;
  }

  it('accepts a client with the right password', async () => {
    const kafka = connect('of-trading');
    await createTopics(kafka);
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain(topics.signals.name);
    await admin.disconnect();
  });

  it('refuses a client with a wrong password', async () => {
    await expect(createTopics(connect('guessed'))).rejects.toThrow(/authentication/i);
  });
});
