import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { plainAddress } from '#kit/listen-host.ts';
import { extractTrace } from '#kit/telemetry/traces/tracing.ts';
import type { Api } from '../resource.ts';
import { answeredStatus, routeOf } from './measure-requests.ts';

/** Starts a server span for each request. The span continues the trace in the request's headers. */
export function traceRequests(app: Api): void {
  const tracer = trace.getTracer('trading-platform');

  app.addHook('onRequest', (request, reply, done) => {
    const parent = extractTrace(request.headers);
    const attributes = {
      'http.request.method': request.method,
      'http.route': routeOf(request),
      'url.path': request.url.split('?')[0],
      'client.address': plainAddress(request.ip),
      'url.scheme': request.protocol,
      'http.request.id': request.id,
    };
    const span = tracer.startSpan(
      `${request.method} ${routeOf(request)}`,
      { kind: SpanKind.SERVER, attributes },
      parent,
    );
    reply.raw.once('close', () => {
      const status = answeredStatus(request, reply) ?? 101;
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status));
      span.end();
    });
    context.with(trace.setSpan(parent, span), done);
  });
}
