/**
 * The processes of the platform, keyed by the names that users know.
 *
 * Folder, chart alias, Deployment, label `job` and Kafka consumer group of a service all have the service's name. The
 * ports in this file are for running all services on one machine. In a cluster, every pod serves metrics on the
 * container port named `metrics`.
 */
export const METRICS_PORT_NAME = 'metrics';

interface ServiceDefinition {
  readonly description: string;
  /** Port of /metrics, /healthz and /readyz if all services run on one machine. */
  readonly localMetricsPort: number;
  /** Port of the public API, if the service has one. */
  readonly apiPort?: number;
  /** Scrape interval of the service, as a Prometheus duration, unless the TradingPipeline sets another. */
  readonly scrapeInterval: string;
}

export const services = {
  backend: {
    description: 'REST and WebSocket API; owner of pipelines, bots and the portfolio',
    localMetricsPort: 8001,
    apiPort: 8000,
    scrapeInterval: '10s',
  },
  'celery-worker': {
    description: 'Runs the stages of pipeline executions and places orders',
    localMetricsPort: 8002,
    scrapeInterval: '15s',
  },
  'signal-generator': {
    description: 'Turns market data into signals on Kafka',
    localMetricsPort: 8003,
    scrapeInterval: '15s',
  },
  'trigger-dispatcher': {
    description: 'Matches signals with pipelines and enqueues executions',
    localMetricsPort: 8004,
    scrapeInterval: '15s',
  },
} as const satisfies Record<string, ServiceDefinition>;

export type ServiceName = keyof typeof services;
export const serviceNames = Object.keys(services) as ServiceName[];

/** Process name of the operator. The operator is not a service of the platform, but it emits metrics too. */
export const CONTROLLER = 'controller';
export const CONTROLLER_LOCAL_METRICS_PORT = 8005;
export const CONTROLLER_SCRAPE_INTERVAL = '15s';

/** All processes that emit metrics. */
export type ProcessName = ServiceName | typeof CONTROLLER;
export const processNames: readonly ProcessName[] = [...serviceNames, CONTROLLER];

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}
