import { describe, expect, it } from 'vitest';
import { kafkaConfigSchema, readConfig } from '../config.ts';
import { readKafkaSecurity } from './kafka-security.ts';

const readFrom = (env: NodeJS.ProcessEnv) => readKafkaSecurity(readConfig(kafkaConfigSchema, env));

describe('readKafkaSecurity', () => {
  it('uses neither TLS nor SASL by default', () => {
    expect(readFrom({})).toEqual({ ssl: false, sasl: undefined });
  });

  it('reads user name, password, TLS and the CA', () => {
    const env = {
      KAFKA_TLS: 'true',
      KAFKA_CA: 'PEM',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_USERNAME: 'trading',
    };
    expect(readFrom({ ...env, KAFKA_PASSWORD: 'secret' })).toEqual({
      ssl: { ca: 'PEM' },
      sasl: { mechanism: 'scram-sha-512', username: 'trading', password: 'secret' },
    });
    expect(readFrom({ KAFKA_TLS: 'true' })).toEqual({ ssl: true, sasl: undefined });
  });

  it.each([
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'trading' }, 'needs KAFKA_USERNAME and KAFKA_PASSWORD'],
    [{ KAFKA_CA: 'PEM' }, 'KAFKA_TLS is not true'],
    [{ KAFKA_SASL_MECHANISM: 'kerberos' }, 'KAFKA_SASL_MECHANISM=kerberos'],
  ])('refuses %o', (env, message) => {
    expect(() => readFrom(env)).toThrow(message);
  });
});
