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

/** The route label of a request that matches no route. Its raw path must not become a label: anybody can invent paths. */
const UNMATCHED = 'unmatched';
/** The status of a request whose client left before the answer. Nginx uses the same number. */
const CLIENT_LEFT = 499;

export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? UNMATCHED;
}

/** True for a request that asks to become a WebSocket. */
function asksForUpgrade(request: FastifyRequest): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Returns the status that the client got; undefined for a request that became a WebSocket. */
export function answeredStatus(request: FastifyRequest, reply: FastifyReply): number | undefined {
  if (asksForUpgrade(request) && !reply.raw.headersSent) return undefined;
  return reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_LEFT;
}

/**
 * Counts and times every request, and counts the actions of users. The gauge of active requests shows every route at 0
 * from the start. A WebSocket is not counted as a request, because it stays open for hours; a refused one is.
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
    // The label takes the methods of the catalogue only. Requests with another method are logged but not measured.
    if (!isMethod(method)) return done();
    const labels = { method, route: routeOf(request) };
    const upgrade = asksForUpgrade(request);
    if (!upgrade) active.add(1, labels);
    // Runs in the context of the request's span, so that exemplars carry its trace id.
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
