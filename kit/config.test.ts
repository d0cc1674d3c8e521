import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kafkaConfigSchema, processConfigSchema, readConfig } from './config.ts';

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
});
