import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  databaseConfigSchema,
  httpAddressSchema,
  kafkaConfigSchema,
  processConfigSchema,
  readConfig,
  redisConfigSchema,
} from './config.ts';

const schema = z.object({ ...kafkaConfigSchema.shape, ...processConfigSchema.shape });

describe('readConfig', () => {
  it.each(['', ' ', '\n'])('uses the default of a variable that is not set or blank: %j', (METRICS_PORT) => {
    expect(readConfig(schema, { METRICS_PORT, KAFKA_BROKERS: undefined })).toMatchObject({
      METRICS_PORT: 8001,
      KAFKA_BROKERS: ['127.0.0.1:9092'],
    });
  });

  it('splits a list of brokers at its commas', () => {
    expect(readConfig(schema, { KAFKA_BROKERS: 'a:1, b:2' }).KAFKA_BROKERS).toEqual(['a:1', 'b:2']);
  });

  it('names every wrong variable, with its value', () => {
    const read = () => readConfig(schema, { METRICS_PORT: '99999', KAFKA_BROKERS: 'kafka', LOG_LEVEL: 'loud' });
    expect(read).toThrow('METRICS_PORT=99999');
    expect(read).toThrow('KAFKA_BROKERS=kafka: must be host:port');
    expect(read).toThrow('LOG_LEVEL=loud');
  });

  it.each([
    ['KAFKA_BROKERS', 'SASL_SSL://u:hunter2@kafka:9093', 'set KAFKA_TLS=true, KAFKA_SASL_MECHANISM'],
    ['KAFKA_BROKERS', 'a:1,PLAINTEXT://kafka:9092', 'leave out PLAINTEXT://'],
    ['KAFKA_BROKERS', 'u:hunter2@kafka:9092', 'user and password belong in KAFKA_USERNAME and KAFKA_PASSWORD'],
    ['KAFKA_BROKERS', '[fd00::1]:9092', 'give the broker a host name'],
    ['KAFKA_BROKERS', 'fd00::1', 'give the broker a host name'],
    ['KAFKA_BROKERS', 'kafka:0', 'a port from 1 to 65535'],
    ['KAFKA_BROKERS', 'kafka:9092,', 'must be host:port'],
    ['DATABASE_URL', 'postgres://u:hunter2#@db:5432/x', 'a # ends the address: in a user or password, write # as %23'],
    ['DATABASE_URL', 'postgres://u:hunter2/@db:5432/x', 'write # as %23, / as %2F'],
    ['DATABASE_URL', 'postgres://u:hunter2@db/x/y', 'expected the name of a database as path'],
    ['DATABASE_URL', 'postgres://u:hunter2@a:5432,b:5432/x', 'expected one host'],
    ['DATABASE_URL', 'u:hunter2@db:5432/x', 'must start with postgres://'],
    ['REDIS_URL', 'redis://:hunter2#@r:6379', 'a # ends the address'],
    ['REDIS_URL', 'redis://:hunter2@r:6379/main', 'expected a number of a database'],
    ['PROMETHEUS_URL', 'https://u:hunter2#@prometheus', 'a # ends the address'],
    ['PROMETHEUS_URL', 'u:hunter2@prometheus', 'expected an http or https URL'],
  ])('refuses %s=%s with the remedy and without the password', (variable, value, remedy) => {
    const shape = {
      ...databaseConfigSchema.shape,
      ...redisConfigSchema.shape,
      PROMETHEUS_URL: httpAddressSchema.optional(),
    };
    const all = z.object({ ...schema.shape, ...shape });
    let message = '';
    try {
      readConfig(all, { [variable]: value });
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(new RegExp(`^wrong configuration: ${variable}=`));
    expect(message).toContain(remedy);
    expect(message).not.toContain('hunter2');
  });

  it.each([
    'postgres://trading@127.0.0.1:5432/trading',
    'postgresql://u:p%23@[::1]:5432/x?sslmode=verify-full',
    'postgres://u:p%ss@db/x',
    'postgres:///trading?host=/var/run/postgresql&user=me@server',
  ])('takes DATABASE_URL=%s', (url) => {
    expect(readConfig(databaseConfigSchema, { DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });
});
