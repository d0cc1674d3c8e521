import { describe, expect, it } from 'vitest';
import { maskSecrets, showValue } from './mask-secrets.ts';

describe('showValue', () => {
  it.each([
    ['DATABASE_URL', 'postgres//trading:hunter2@db/trading', '***'],
    ['DATABASE_URL', 'hunter2', '***'],
    ['REDIS_URL', 'redis://:hunt#er2@redis:6379', 'redis://***'],
    ['KAFKA_BROKERS', 'SASL_SSL://u:hunter2@kafka:9092', '***'],
    ['KAFKA_BROKERS', 'sasl+ssl://u:hunter2@kafka:9092', 'sasl+ssl://***'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://u:hunt/er2@collector:4318', 'http://***'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector/?key=hunter2', 'https://***'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x=hunter2', '***'],
    ['LOG_LEVEL', 'host=db password=hunter2', '***'],
    ['KAFKA_PASSWORD', 'hunter2', '***'],
  ])('hides the value of %s=%s', (name, value, shown) => {
    expect(showValue(name, value)).toBe(shown);
    expect(showValue(name, value)).not.toContain('er2');
  });

  it.each([
    ['LOG_LEVEL', 'loud', 'loud'],
    ['KAFKA_BROKERS', 'kafka', 'kafka'],
    ['PROMETHEUS_URL', 'localhost:9090', 'localhost:9090'],
    ['PROMETHEUS_URL', 'ftp://prometheus:9090/base', 'ftp://prometheus:9090/base'],
    ['DATABASE_URL', '', ''],
    ['LOG_LEVEL', 'x'.repeat(1_000), `${'x'.repeat(200)}…`],
  ])('shows the value of %s=%s', (name, value, shown) => {
    expect(showValue(name, value)).toBe(shown);
  });
});

describe('maskSecrets', () => {
  it.each([
    [
      'no answer of postgres://u:p@ss/w#rd@db:5432/x, trying again',
      'no answer of postgres://***@db:5432/x, trying again',
    ],
    ['redis://:hunter2@r:6379 and http://u:hunter2@p', 'redis://***@r:6379 and http://***@p'],
    ['GET http://prometheus/api?token=hunter2&x=1', 'GET http://prometheus/api?token=***&x=1'],
    ['host=db password=hunter2 user=x', 'host=db password=*** user=x'],
    ['at f (file:///app/node_modules/@scope/x.js:1:2)', 'at f (file:///app/node_modules/@scope/x.js:1:2)'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'connect ECONNREFUSED 127.0.0.1:6379'],
    ['ask a@b.c at http://prometheus:9090/x', 'ask a@b.c at http://prometheus:9090/x'],
  ])('masks %s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it('takes linear time', () => {
    const began = performance.now();
    maskSecrets('a://'.repeat(50_000));
    maskSecrets('password'.repeat(20_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
