/** Metrics of the operator. */
import { CONTROLLER } from '../services.ts';
import { fast, type MetricDefinition, open } from './metric.ts';

export const operatorMetrics = {
  tradingpipeline_controller_reconciles_total: {
    type: 'counter',
    help: 'Reconciles, by result.',
    labels: { result: ['success', 'error'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_reconcile_duration_seconds: {
    type: 'histogram',
    help: 'Time of a reconcile.',
    emittedBy: [CONTROLLER],
    buckets: fast,
  },
  tradingpipeline_controller_queue_depth: {
    type: 'gauge',
    help: 'Resources waiting to be reconciled.',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_queue_latency_seconds: {
    type: 'histogram',
    help: 'Time a resource waits in the queue.',
    emittedBy: [CONTROLLER],
    buckets: fast,
  },
  tradingpipeline_controller_watch_age_seconds: {
    type: 'gauge',
    help: 'Time since a watch last heard from the API server, by resource.',
    labels: { resource: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_api_requests_total: {
    type: 'counter',
    help: 'Requests to the API server, by verb and status code (0: no answer).',
    labels: { verb: ['get', 'list', 'watch', 'apply', 'delete', 'create', 'update', 'patch'], code: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_prometheus_polls_total: {
    type: 'counter',
    help: 'Times the operator asked Prometheus about all resources, by whether it had every answer.',
    labels: { result: ['success', 'error'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_drift_repaired_total: {
    type: 'counter',
    help: 'Generated objects that somebody changed or deleted and that are as the resource asks again, by kind.',
    labels: { kind: ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_leader: {
    type: 'gauge',
    help: 'Whether this process leads (1) or stands by (0).',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_retries_total: {
    type: 'counter',
    help: 'Reconciles that failed and were put back to be tried again.',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_conflicts_total: {
    type: 'counter',
    help: 'Writes that the API server refused because the object had changed (409), by kind.',
    labels: { kind: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_resources: {
    type: 'gauge',
    help: 'TradingPipelines, by whether they are Ready.',
    labels: { ready: ['True', 'False', 'Unknown'] },
    emittedBy: [CONTROLLER],
  },
} as const satisfies Record<string, MetricDefinition>;
