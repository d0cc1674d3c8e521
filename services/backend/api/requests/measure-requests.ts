import { context } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpMethods } from '#catalogue/metrics/http.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Api } from '../resource.ts';
import { requestBodyBytes } from './request-body.ts';

export type HttpMetric =
  | 'http_server_request_duration_seconds'
  | 'http_server_active_requests'
  | 'http_server_request_size_bytes'
  | 'http_server_response_size_bytes'
  | 'api_user_actions_total';

type Method = (typeof httpMethods)[number];

/**
 * Value of the label `route` for a request that matches no route. The path itself must not become a label value,
 * because anybody can invent paths.
 */
const UNMATCHED = 'unmatched';
/** Status of a request whose client closed the connection before the response. Nginx uses the same number. */
const CLIENT_LEFT = 499;

export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? UNMATCHED;
}

/** Returns whether a request asks for an upgrade to a WebSocket. */
export function asksForUpgrade(request: FastifyRequest): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Returns the status that the client received, CLIENT_LEFT if the client closed the connection before the end of the
 * response, or undefined for a request that became a WebSocket.
 */
export function answeredStatus(request: FastifyRequest, reply: FastifyReply): number | undefined {
  if (asksForUpgrade(request) && !reply.raw.headersSent) return undefined;
  return reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_LEFT;
}

/**
 * Counts and times every request, and counts the actions of users. The gauge of active requests has a series with the
 * value 0 for every route from the start. A WebSocket is not counted as a request, because it stays open for hours. A
 * refused WebSocket is counted.
 */
export function measureRequests(app: Api, instruments: Instruments<HttpMetric>): void {
  const durations = instruments.histogram('http_server_request_duration_seconds');
  const requestSizes = instruments.histogram('http_server_request_size_bytes');
  const responseSizes = instruments.histogram('http_server_response_size_bytes');
  const active = instruments.gauge('http_server_active_requests');
  const actions = instruments.counter('api_user_actions_total');

  app.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat())
      if (isMethod(name) && name !== 'HEAD') active.set(0, { method: name, route: url });
  });

  app.addHook('onRequest', (request, reply, done) => {
    const { method } = request;
    // The label `method` accepts only the catalogue's methods. Requests with another method are logged but not
    // measured.
    if (!isMethod(method)) return done();
    const labels = { method, route: routeOf(request) };
    const upgrade = asksForUpgrade(request);
    if (!upgrade) active.add(1, labels);
    // Called in the trace context of the request, so that exemplars contain the trace id of the request.
    const measure = () => {
      if (!upgrade) active.add(-1, labels);
      const status = answeredStatus(request, reply);
      if (status === undefined) return;
      durations.record(reply.elapsedTime / 1_000, { ...labels, status_code: String(status) });
      requestSizes.record(requestBodyBytes(request), labels);
      responseSizes.record(Number(reply.getHeader('content-length') ?? 0), labels);
      const { action } = request.routeOptions.config;
      if (action) actions.add(1, { action, status: status < 400 ? 'success' : 'error' });
    };
    reply.raw.once('close', context.bind(context.active(), measure));
    done();
  });
}

function isMethod(method: string): method is Method {
  return (httpMethods as readonly string[]).includes(method);
}
