/** Metrics of the HTTP API and of WebSockets. */
import { STREAM_PATH } from '../api.ts';
import { interactive, type MetricDefinition, open } from './metric.ts';

/** Values of the label `method`. Requests with another method are handled but not measured. */
export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;
const bytes = [128, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

export const httpMetrics = {
  http_server_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the first byte of a request to the last of its answer; the route is the template.',
    labels: { method: httpMethods, route: open, status_code: open },
    labelSets: 2_100,
    emittedBy: ['backend'],
    buckets: interactive,
  },
  http_server_active_requests: {
    type: 'gauge',
    help: 'Requests being answered now.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
  },
  http_server_request_size_bytes: {
    type: 'histogram',
    help: 'Size of request bodies.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
    buckets: bytes,
  },
  http_server_response_size_bytes: {
    type: 'histogram',
    help: 'Size of response bodies.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
    buckets: bytes,
  },
  websocket_connections_active: {
    type: 'gauge',
    help: 'WebSocket connections open now.',
    labels: { endpoint: [STREAM_PATH] },
    emittedBy: ['backend'],
  },
} as const satisfies Record<string, MetricDefinition>;
