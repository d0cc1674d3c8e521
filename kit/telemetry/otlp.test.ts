import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTelemetry } from './telemetry.ts';
import { extractTrace, injectTrace, withSpan } from './tracing.ts';

/** Stands in for a collector: keeps the OTLP requests it gets, as they come. */
async function startReceiver(): Promise<{ server: Server; url: string; received: Map<string, string> }> {
  const received = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.set(`${request.url} ${request.headers['content-type']}`, Buffer.concat(chunks).toString('latin1'));
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('telemetry by OTLP', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    receiver.server.close();
    receiver.server.closeAllConnections();
  });

  it('sends metrics and traces by environment alone, and /metrics stays', async () => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    const telemetry = startTelemetry('backend', process.env);
    telemetry.instruments.counter('api_user_actions_total').add(1, { action: 'run_pipeline', status: 'success' });
    await withSpan('run a pipeline', {}, () => undefined);
    expect(await telemetry.scrape()).toContain('api_user_actions_total{action="run_pipeline",status="success"} 1');
    await telemetry.shutdown();
    expect([...receiver.received.keys()].sort()).toEqual([
      '/v1/metrics application/x-protobuf',
      '/v1/traces application/x-protobuf',
    ]);
    expect(receiver.received.get('/v1/metrics application/x-protobuf')).toContain('api_user_actions_total');
    expect(receiver.received.get('/v1/traces application/x-protobuf')).toContain('run a pipeline');
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
