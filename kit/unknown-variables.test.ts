import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { databaseConfigSchema, kafkaConfigSchema, processConfigSchema, redisConfigSchema } from './config.ts';
import { telemetryVariables } from './telemetry/export/variables.ts';
import { findUnknownVariables } from './unknown-variables.ts';

const schema = z.object({
  ...processConfigSchema.shape,
  ...kafkaConfigSchema.shape,
  ...databaseConfigSchema.shape,
  ...redisConfigSchema.shape,
  API_PORT: z.string(),
});
const own = [...Object.keys(schema.shape), ...Object.keys(telemetryVariables)];
const unknownIn = (env: NodeJS.ProcessEnv) => findUnknownVariables(env, own);

/** The environment of a backend pod in a namespace with service links, with shortened values. */
const POD = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOSTNAME: 'backend-7c9d8f6b5-x2x4k',
  HOME: '/',
  NODE_VERSION: '24.1.0',
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
  KUBERNETES_PORT: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
  KUBERNETES_PORT_443_TCP_PORT: '443',
  KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
  KAFKA_SERVICE_HOST: '10.96.12.7',
  KAFKA_SERVICE_PORT: '9092',
  KAFKA_SERVICE_PORT_CLIENT: '9092',
  KAFKA_PORT: 'tcp://10.96.12.7:9092',
  KAFKA_PORT_9092_TCP: 'tcp://10.96.12.7:9092',
  KAFKA_PORT_9092_TCP_PROTO: 'tcp',
  KAFKA_PORT_9092_TCP_PORT: '9092',
  KAFKA_PORT_9092_TCP_ADDR: '10.96.12.7',
  REDIS_MASTER_SERVICE_HOST: '10.96.3.3',
  REDIS_PORT: 'tcp://10.96.3.3:6379',
  API_GATEWAY_SERVICE_PORT_HTTP: '80',
  BACKEND_SERVICE_PORT: '8000',
  DATABASE_PORT_5432_TCP_ADDR: '10.96.3.4',
  METRICS_SERVER_PORT_443_UDP_PROTO: 'udp',
  POD_NAME: 'backend-7c9d8f6b5-x2x4k',
  METRICS_PORT: '8001',
  LOG_LEVEL: 'info',
  SHUTDOWN_TIMEOUT_MS: '25000',
  KAFKA_BROKERS: 'kafka:9092',
  DATABASE_URL: 'postgres://trading:secret@postgres:5432/trading',
  REDIS_URL: 'redis://redis:6379',
  PIPELINES_API_TOKEN: 'secretsecretsecret',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace.name=trading',
  OTEL_RESOURCE_ATTRIBUTES_POD_NAME: 'backend-7c9d8f6b5-x2x4k',
  OTEL_RESOURCE_ATTRIBUTES_NODE_NAME: 'node-1',
};

describe('findUnknownVariables', () => {
  it('finds none in the environment of a pod', () => {
    expect(unknownIn(POD)).toEqual([]);
  });

  it.each([
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['DATABASE_POOLSIZE', 'DATABASE_POOL_SIZE'],
    ['METRICS_LABELSETS', 'METRICS_LABEL_SETS'],
    ['SHUTDOWN_TIMEOUT', 'SHUTDOWN_TIMEOUT_MS'],
    ['OTEL_TRACE_EXPORTER', 'OTEL_TRACES_EXPORTER'],
    ['OTEL_BSP_SCHEDULED_DELAY', 'OTEL_BSP_SCHEDULE_DELAY'],
  ])('takes %s for %s', (variable, nearest) => {
    expect(unknownIn({ ...POD, [variable]: 'x' })).toEqual([{ variable, nearest }]);
  });

  it('finds by its prefix a variable that resembles no known one, and never returns a value', () => {
    const found = unknownIn({ REDIS_CLUSTER_NODES: 'secret', KAFKA_HEAP_OPTS: '-Xmx1g' });
    expect(found).toEqual([{ variable: 'KAFKA_HEAP_OPTS' }, { variable: 'REDIS_CLUSTER_NODES' }]);
  });

  it.each(['WORKER_CONCURENCY', 'NAMESPACE', 'KAFKA', 'Path'])(
    'does not report %s: it has none of our prefixes',
    (variable) => {
      expect(unknownIn({ [variable]: 'x' })).toEqual([]);
    },
  );

  it.each(['METRICS_ON_API', 'API_BODY_LIMIT_BYTES', 'LOG_LEVEL'])(
    'knows %s, whichever of our processes reads it',
    (variable) => {
      expect(unknownIn({ [variable]: 'x' })).toEqual([]);
    },
  );

  it.each([
    'OTEL_PROPAGATORS',
    'OTEL_LOG_LEVEL',
    'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_EXPORTER_OTLP_INSECURE',
    'OTEL_EXPORTER_OTLP_TRACES_INSECURE',
    'OTEL_EXPORTER_PROMETHEUS_PORT',
    'OTEL_NODE_RESOURCE_DETECTORS',
    'OTEL_SEMCONV_STABILITY_OPT_IN',
  ])('does not report %s: a standard variable that we do not read', (variable) => {
    expect(unknownIn({ [variable]: 'x' })).toEqual([]);
  });

  it('treats a variable with an empty value as not set', () => {
    expect(unknownIn({ KAFKA_BROKER: '' })).toEqual([]);
  });
});
