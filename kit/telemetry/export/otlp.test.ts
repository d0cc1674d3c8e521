import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { context, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../log.ts';
import { startTelemetry } from '../telemetry.ts';
import { extractTrace, injectTrace, withSpan } from '../traces/tracing.ts';

/** Starts a server that replaces an OTLP collector and stores the requests that it receives. */
async function startReceiver(): Promise<{
  server: Server;
  url: string;
  received: Map<string, string>;
  headers: Map<string, IncomingHttpHeaders>;
}> {
  const received = new Map<string, string>();
  const headers = new Map<string, IncomingHttpHeaders>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    headers.set(request.url ?? '', request.headers);
    received.set(`${request.url} ${request.headers['content-type']}`, Buffer.concat(chunks).toString('latin1'));
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, received, headers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('telemetry by OTLP', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    // The tracer provider and the logger provider are global, and setting a new provider has no effect until the old
    // provider is disabled.
    trace.disable();
    context.disable();
    receiver.server.close();
    receiver.server.closeAllConnections();
  });

  it('sends metrics and traces as the environment says, and still serves scrapes', async () => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    const telemetry = startTelemetry('backend', process.env);
    telemetry.instruments.counter('api_user_actions_total').add(1, { action: 'run_pipeline', status: 'success' });
    await withSpan('run a pipeline', {}, () => undefined);
    expect((await telemetry.scrape()).body).toContain(
      'api_user_actions_total{action="run_pipeline",status="success"} 1',
    );
    await telemetry.shutdown();
    expect([...receiver.received.keys()].sort()).toEqual([
      '/v1/metrics application/x-protobuf',
      '/v1/traces application/x-protobuf',
    ]);
    expect(receiver.received.get('/v1/metrics application/x-protobuf')).toContain('api_user_actions_total');
    expect(receiver.received.get('/v1/traces application/x-protobuf')).toContain('run a pipeline');
  });

  it('sends each signal to the endpoint and with the headers of its own variables, logs too', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/spans`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', `${receiver.url}/lines`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'x-desk=alpha');
    vi.stubEnv('OTEL_SERVICE_NAME', 'backend-of-alpha');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'desk=alpha');
    const telemetry = startTelemetry('backend', process.env);
    const log = createLogger('backend', 'info', telemetry.logSink);
    const traceId = await withSpan('work', {}, (span) => {
      log.error({ error: new Error('no route to the desk'), pipeline_id: 'p-1' }, 'could not reach it');
      return span.spanContext().traceId;
    });
    await telemetry.shutdown();
    expect([...receiver.received.keys()].sort()).toEqual([
      '/lines application/x-protobuf',
      '/spans application/x-protobuf',
    ]);
    const lines = receiver.received.get('/lines application/x-protobuf') ?? '';
    for (const part of [
      'could not reach it',
      'no route to the desk',
      'exception.stacktrace',
      'p-1',
      'backend-of-alpha',
    ])
      expect(lines).toContain(part);
    expect(lines).toContain(Buffer.from(traceId, 'hex').toString('latin1'));
    expect(receiver.headers.get('/lines')).toMatchObject({ 'x-desk': 'alpha' });
  });

  it('compresses metrics and adds the common headers, as the variables say', async () => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', `${receiver.url}/numbers`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-desk=alpha');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    const telemetry = startTelemetry('backend', process.env);
    telemetry.instruments.counter('api_user_actions_total').add(1, { action: 'run_pipeline', status: 'success' });
    await telemetry.shutdown();
    expect(receiver.headers.get('/numbers')).toMatchObject({ 'content-encoding': 'gzip', 'x-desk': 'alpha' });
    const [packed = ''] = receiver.received.values();
    expect(gunzipSync(Buffer.from(packed, 'latin1')).toString('latin1')).toContain('api_user_actions_total');
  });

  it('only collects runtime metrics and passes trace contexts on if telemetry is disabled', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    const telemetry = startTelemetry('backend', process.env);
    telemetry.instruments.counter('api_user_actions_total').add(1, { action: 'run_pipeline', status: 'success' });
    const { body } = await telemetry.scrape('application/openmetrics-text');
    await telemetry.shutdown();
    expect(telemetry.logSink).toBeUndefined();
    expect(body).toContain('process_resident_memory_bytes');
    expect(body).not.toContain('api_user_actions');
    expect(receiver.received.size).toBe(0);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(injectTrace(extractTrace({ traceparent }))).toEqual({ traceparent });
  });

  it('does not send spans that the sampler drops, and tells the next process so', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
    const telemetry = startTelemetry('backend', process.env);
    const headers = await withSpan('publish', {}, () => injectTrace());
    await telemetry.shutdown();
    expect(headers.traceparent).toMatch(/-00$/);
    expect(receiver.received.size).toBe(0);
  });

  it('carries a trace in headers from one process to the next', async () => {
    const telemetry = startTelemetry('backend', {});
    const headers = await withSpan('publish', {}, () => injectTrace());
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const continued = await withSpan(
      'consume',
      { parent: extractTrace(headers) },
      (span) => span.spanContext().traceId,
    );
    expect(continued).toBe(headers.traceparent?.split('-')[1]);
    expect(trace.getActiveSpan()).toBeUndefined();
    await telemetry.shutdown();
  });
});
