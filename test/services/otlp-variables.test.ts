import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { followExportErrors } from '#kit/telemetry/export/report-export-errors.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { eventually } from '../support/eventually.ts';
import { makeCertificate } from '../support/make-certificate.ts';
import { type Received, startOtelCollector, type TestCollector } from '../support/start-otel-collector.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

/** Tests the environment variables of OpenTelemetry's exporters, mostly by the telemetry that a real collector receives. */

type Variables = Readonly<Record<string, string>>;

/** Messages of failed exports. */
let errors: string[] = [];
beforeEach(() => {
  errors = [];
  followExportErrors(({ message }) => errors.push(message));
});
afterEach(() => {
  vi.unstubAllEnvs();
  trace.disable();
  context.disable();
});

const sendsAll = { OTEL_METRICS_EXPORTER: 'otlp' };
/** Variables that make exporters send a batch only when the batch is full or at the shutdown. */
const waits = { OTEL_BSP_SCHEDULE_DELAY: '3600000', OTEL_BLRP_SCHEDULE_DELAY: '3600000' };

function start(variables: Variables) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const telemetry = startTelemetry('backend', process.env);
  const log = createLogger('backend', 'info', telemetry.logSink);
  return {
    count: () =>
      telemetry.instruments.counter('api_user_actions_total').add(1, { action: 'run_pipeline', status: 'success' }),
    span: (name: string) => withSpan(name, {}, () => undefined),
    write: (message: string) => log.info(message),
    shutdown: () => telemetry.shutdown(),
  };
}

/** Sends a span, a metric and a log record. Returns when each export has succeeded or failed. */
async function sendEach(variables: Variables): Promise<void> {
  const { count, span, write, shutdown } = start(variables);
  count();
  await span('work');
  write('worked');
  await shutdown();
}

const signalsOf = ({ resourceSpans, resourceMetrics, resourceLogs }: Received) =>
  Object.entries({ traces: resourceSpans, metrics: resourceMetrics, logs: resourceLogs })
    .filter(([, received]) => received.length > 0)
    .map(([signal]) => signal);

describe('a collector with mutual TLS', () => {
  const folder = makeTestFolder('otlp-tls');
  const [server, client] = ['collector', 'client', 'stranger'].map((name) => makeCertificate(folder, name));
  let collector: TestCollector;
  beforeEach(async () => {
    collector = await startOtelCollector({
      cert_file: server?.certFile ?? '',
      key_file: server?.keyFile ?? '',
      client_ca_file: client?.certFile ?? '',
    });
  });
  afterEach(() => collector?.stop());
  afterAll(() => removeTestFolder(folder));

  const identity = (of: string, signal = '') => ({
    [`OTEL_EXPORTER_OTLP${signal}_CERTIFICATE`]: server?.certFile ?? '',
    [`OTEL_EXPORTER_OTLP${signal}_CLIENT_CERTIFICATE`]: `${folder}/${of}.crt`,
    [`OTEL_EXPORTER_OTLP${signal}_CLIENT_KEY`]: `${folder}/${of}.key`,
  });
  const send = (variables: Variables) =>
    sendEach({ ...sendsAll, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...variables });

  it('gets spans, metrics and logs of a client with the certificates', async () => {
    await send(identity('client'));
    await eventually(() => expect(signalsOf(collector.received)).toEqual(['traces', 'metrics', 'logs']));
    expect(errors).toEqual([]);
  });

  it('gets only the kind of telemetry for which the certificates are set', async () => {
    await send(identity('client', '_LOGS'));
    await eventually(() => expect(signalsOf(collector.received)).toEqual(['logs']));
    expect(errors).not.toEqual([]);
  });

  it.each([
    ['a client with an unknown certificate', () => identity('stranger')],
    [
      'a client that does not trust the collector',
      () => ({ ...identity('client'), OTEL_EXPORTER_OTLP_CERTIFICATE: client?.certFile ?? '' }),
    ],
  ])('gets nothing from %s, which reports errors', async (_, variables) => {
    await send(variables());
    expect(signalsOf(collector.received)).toEqual([]);
    expect(errors).not.toEqual([]);
  });
});

describe('a collector', () => {
  let collector: TestCollector;
  beforeEach(async () => {
    collector = await startOtelCollector();
  });
  afterEach(() => collector?.stop());
  const startSending = (variables: Variables) =>
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...waits, ...variables });

  const DELTA = 1;
  const CUMULATIVE = 2;
  it.each([
    ['', CUMULATIVE],
    ['delta', DELTA],
    ['lowmemory', DELTA],
  ])('gets counters whose temporality, by preference "%s", is %s', async (preference, temporality) => {
    const { count, shutdown } = startSending({
      ...sendsAll,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference,
    });
    count();
    await shutdown();
    await eventually(() => {
      const received = collector.received.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
      const actions = received.flatMap(({ metrics }) => metrics).find(({ name }) => name === 'api_user_actions_total');
      expect(actions?.sum?.aggregationTemporality).toBe(temporality);
    });
  });

  const batches = {
    spans: {
      prefix: 'OTEL_BSP',
      sizes: () =>
        collector.received.resourceSpans.map(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans).length),
      make: (sender: ReturnType<typeof start>) => sender.span('work'),
    },
    logs: {
      prefix: 'OTEL_BLRP',
      sizes: () =>
        collector.received.resourceLogs.map(({ scopeLogs }) => scopeLogs.flatMap((one) => one.logRecords).length),
      make: async (sender: ReturnType<typeof start>) => sender.write('worked'),
    },
  };

  describe.each(Object.entries(batches))('gets %s', (_, { prefix, sizes, make }) => {
    it('in full batches, and the rest at the shutdown', async () => {
      const sender = startSending({ [`${prefix}_MAX_EXPORT_BATCH_SIZE`]: '2' });
      for (let made = 0; made < 5; made += 1) await make(sender);
      await eventually(() => expect(sizes()).toEqual([2, 2]));
      await sender.shutdown();
      await eventually(() => expect(sizes()).toEqual([2, 2, 1]));
    });

    it('after the delay', async () => {
      const sender = startSending({ [`${prefix}_SCHEDULE_DELAY`]: '50' });
      await make(sender);
      await eventually(() => expect(sizes()).toEqual([1]));
      await sender.shutdown();
    });

    it('of one full queue in flight and one that waits; the exporter drops the rest', async () => {
      const sender = startSending({ [`${prefix}_MAX_QUEUE_SIZE`]: '3' });
      await Promise.all(Array.from({ length: 10 }, () => make(sender)));
      await sender.shutdown();
      await eventually(() => expect(sizes()).toEqual([3, 3]));
    });
  });
});

/**
 * A real collector cannot be made to hang, so these tests use a server that accepts requests but responds only after `refuse` is called.
 */
describe('a collector that does not answer', () => {
  let silent: Server;
  let asked: ServerResponse[];
  beforeEach(async () => {
    asked = [];
    silent = createServer((_, response) => void asked.push(response)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterEach(() => silent.close());

  function refuse(): void {
    for (const response of asked) response.writeHead(400).end();
    silent.removeAllListeners('request');
    silent.on('request', (_, response: ServerResponse) => response.writeHead(400).end());
  }

  const LONG = '3600000';
  const patient = {
    OTEL_EXPORTER_OTLP_TIMEOUT: LONG,
    OTEL_BSP_EXPORT_TIMEOUT: LONG,
    OTEL_BLRP_EXPORT_TIMEOUT: LONG,
    OTEL_METRIC_EXPORT_INTERVAL: LONG,
    OTEL_METRIC_EXPORT_TIMEOUT: LONG,
  };

  it.each([
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 3],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 1],
    ['OTEL_BSP_EXPORT_TIMEOUT', 1],
    ['OTEL_BLRP_EXPORT_TIMEOUT', 1],
    ['OTEL_METRIC_EXPORT_TIMEOUT', 1],
  ])('makes exports fail after %s: %s of three', async (name, signals) => {
    const { port } = silent.address() as AddressInfo;
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
    const sent = sendEach({ ...sendsAll, ...endpoint, ...waits, ...patient, [name]: '100' });
    await eventually(() => {
      expect(asked).toHaveLength(3);
      expect(errors).toHaveLength(signals);
    });
    for (const error of errors) expect(error).toMatch(/timed? ?out/i);
    refuse();
    await sent;
  });
});
