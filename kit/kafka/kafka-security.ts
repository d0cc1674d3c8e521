import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { z } from 'zod';
import type { kafkaConfigSchema } from '../config.ts';

type KafkaSecurity = Pick<KafkaConfig, 'ssl' | 'sasl'>;

type Config = Omit<z.infer<typeof kafkaConfigSchema>, 'KAFKA_BROKERS'>;

/**
 * Returns the TLS and SASL options of the Kafka client. Pure.
 * @throws Error that names the missing or contradictory variable
 */
export function readKafkaSecurity(config: Config): KafkaSecurity {
  const { KAFKA_TLS: tls, KAFKA_CA: ca } = config;
  if (ca !== undefined && !tls) throw new Error('wrong configuration: KAFKA_CA is set, but KAFKA_TLS is not true');
  return { ssl: ca === undefined ? tls : { ca }, sasl: readSasl(config) };
}

function readSasl(config: Config): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = config;
  if (mechanism === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw new Error(`wrong configuration: KAFKA_SASL_MECHANISM=${mechanism} needs KAFKA_USERNAME and KAFKA_PASSWORD`);
  return { mechanism, username, password } as SASLOptions;
}
