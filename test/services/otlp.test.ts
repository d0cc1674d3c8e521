import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type MetricName, metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import { type ServiceName, serviceNames } from '#catalogue/services.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import {
  attributesOf,
  type OtlpRecord,
  startOtelCollector,
  type TestCollector,
} from '../support/start-otel-collector.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** The collector that all four services send to. It passes all telemetry on to the test. */
let collector: TestCollector;
let broker: TestKafka;
let pipelines: string;
const running: ServiceProcess[] = [];

const pipeline = {
  pipeline_id: 'reversal',
  name: 'Reversal',
  trigger: { mode: 'signal', signals: [{ type: 'rsi' }] },
  tickers: ['GOOG'],
  mode: 'paper',
};

/** Environment variables that only one service gets: signal-generator sends exponential histograms. */
const special: Partial<Record<ServiceName, Record<string, string>>> = {
  'signal-generator': {
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  },
};

beforeAll(async () => {
  [collector, broker] = await Promise.all([startOtelCollector(), startKafka()]);
  const api = await findFreePort();
  const environment = {
    KAFKA_BROKERS: broker.brokers,
    DATABASE_URL: await createDatabase(inject('postgresUrl')),
    REDIS_URL: `${inject('redisUrl')}/9`,
    API_PORT: String(api),
    REPLAY_SYMBOLS: 'GOOG',
    REPLAY_BARS_PER_SECOND: '20',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BLRP_SCHEDULE_DELAY: '200',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  };
  const backend = await startService('backend', environment);
  running.push(backend);
  await backend.untilReady();
  pipelines = `http://127.0.0.1:${api}/api/v1/pipelines`;
  await post(pipelines, pipeline, 201);
  const others = serviceNames.filter((name) => name !== 'backend');
  running.push(...(await Promise.all(others.map((name) => startService(name, { ...environment, ...special[name] })))));
}, 180_000);

afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await Promise.all([collector?.stop(), broker?.stop()]);
});

async function post(url: string, body: object, status: number, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBe(status);
}

/** Returns every span that the collector has received, with the attributes of its OpenTelemetry resource. */
function receivedSpans() {
  return collector.received.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, from: attributesOf(resource) }))),
  );
}
function receivedMetrics() {
  return collector.received.resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => ({ ...metric, from: attributesOf(resource) }))),
  );
}
function receivedLogs() {
  return collector.received.resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords.map((log) => ({ ...log, from: attributesOf(resource) }))),
  );
}

describe.each(serviceNames)('a collector gets from %s', (name) => {
  const resource = {
    'service.name': name,
    'service.namespace': 'trading-platform',
    'deployment.environment.name': 'test',
  };

  it('the counters of the catalogue', async () => {
    const expected = metricsEmittedBy(name).filter(alwaysThere);
    await eventually(async () => {
      const metrics = receivedMetrics().filter(({ from }) => from['service.name'] === name);
      expect(metrics[0]?.from).toMatchObject(resource);
      expect(metrics.map((metric) => metric.name)).toEqual(expect.arrayContaining(expected));
    }, 30_000);
  });

  it('traces', async () => {
    await eventually(async () => {
      const span = receivedSpans().find(({ from }) => from['service.name'] === name);
      expect(span?.from).toMatchObject(resource);
    }, 30_000);
  });

  it('logs', async () => {
    await eventually(async () => {
      const started = receivedLogs().find(
        ({ from, body }) => from['service.name'] === name && body?.stringValue === 'started',
      );
      expect(started).toMatchObject({ severityText: 'INFO', from: resource });
    }, 30_000);
  });
});

/** Returns whether a metric is a counter that is exported before its first event, which holds for our counters without open labels. */
function alwaysThere(name: MetricName): boolean {
  const { runtime, type, labels = {} } = metricDefinition(name);
  return !runtime && type === 'counter' && !Object.values(labels).some((values) => 'open' in values);
}

it.each([
  ['trigger-dispatcher', 'batch_size', 'histogram'],
  ['signal-generator', 'kafka_publish_duration_seconds', 'exponentialHistogram'],
] as const)('a collector gets from %s %s as %s', async (service, name, form) => {
  await eventually(() => {
    const metric = receivedMetrics().find((one) => one.from['service.name'] === service && one.name === name);
    expect(metric).toHaveProperty(form);
  }, 30_000);
});

/** Returns the span `last` and its ancestors, from the root on. */
function chainTo(last: OtlpRecord | undefined, spans: readonly OtlpRecord[]): OtlpRecord[] {
  if (!last) return [];
  const parent = spans.find(({ spanId }) => spanId === last.parentSpanId);
  return [...chainTo(parent, spans), last];
}

describe('the trace of a signal', () => {
  /** Finds the spans of a trace that includes an order. */
  const findJourney = () => {
    const spans = receivedSpans();
    const order = spans.find(({ name }) => name === 'place order');
    return { order, spans: spans.filter(({ traceId }) => traceId === order?.traceId) };
  };

  it('leads from its publication to the order, through three services', async () => {
    await eventually(async () => {
      const { spans } = findJourney();
      const steps = spans.map(({ from, name }) => `${from['service.name']}: ${name}`);
      expect(steps).toEqual(
        expect.arrayContaining([
          'signal-generator: publish trading-signals',
          'trigger-dispatcher: process trading-signals',
          'celery-worker: process pipeline-executions',
          'celery-worker: stage trade-manager',
          'celery-worker: place order',
        ]),
      );
    }, 60_000);
  });

  it('links each span to the span before, and has attributes of the message and the order', async () => {
    const chain = await eventually(() => {
      const { order, spans } = findJourney();
      const found = chainTo(order, spans);
      expect(found.map(({ name }) => name)).toEqual([
        'publish trading-signals',
        'process trading-signals',
        'process pipeline-executions',
        'stage trade-manager',
        'place order',
      ]);
      return found;
    }, 60_000);
    const [published, processed, , , placed] = chain.map(attributesOf);
    expect(published).toMatchObject({ 'messaging.system': 'kafka', 'signal.type': 'rsi', ticker: 'GOOG' });
    expect(processed?.['messaging.message.id']).toBe(published?.['messaging.message.id']);
    expect(placed).toMatchObject({ 'pipeline.id': 'reversal', ticker: 'GOOG', 'order.side': expect.any(String) });
  });

  it('has an id that the log line of the order contains', async () => {
    await eventually(async () => {
      const { order } = findJourney();
      expect(order).toBeDefined();
      const stored = receivedLogs().find(
        ({ traceId, body }) => traceId === order?.traceId && body?.stringValue === 'order stored',
      );
      expect(stored?.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(attributesOf(stored ?? {})).toMatchObject({ pipeline_id: 'reversal', symbol: 'GOOG' });
    }, 60_000);
  });
});

describe('the trace of a request', () => {
  const byHand = { ...pipeline, pipeline_id: 'by-hand', name: 'By hand', trigger: { mode: 'manual' } };
  const run = () => `${pipelines}/by-hand/run`;
  beforeAll(() => post(pipelines, byHand, 201));
  const RUN = 'POST /api/v1/pipelines/:pipeline_id/run';
  const steps = [RUN, 'process pipeline-executions', 'stage market-data'];
  const ended = (traceId: string) =>
    receivedSpans().filter((span) => span.traceId === traceId && span.name === 'stage market-data');

  it('begins at the backend and continues in the worker', async () => {
    await eventually(() => post(run(), {}, 202));
    await eventually(() => {
      const request = receivedSpans().find(({ name, parentSpanId }) => name === RUN && !parentSpanId);
      expect(request?.parentSpanId ?? '').toBe('');
      const [stage] = ended(request?.traceId ?? '');
      const chain = chainTo(stage, receivedSpans());
      expect(chain.map(({ name }) => name)).toEqual(steps);
      expect(
        chain.map(({ spanId }) => receivedSpans().find((span) => span.spanId === spanId)?.from['service.name']),
      ).toEqual(['backend', 'celery-worker', 'celery-worker']);
    }, 60_000);
  });

  it('continues the trace that the request names', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    // The API refuses to run a pipeline while another run has not ended.
    await eventually(() => post(run(), {}, 202, { traceparent }));
    await eventually(() => {
      const [request] = chainTo(ended(traceId)[0], receivedSpans());
      expect(request).toMatchObject({ name: RUN, parentSpanId: 'b7ad6b7169203331' });
    }, 60_000);
  });
});
