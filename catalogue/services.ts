/**
 * The processes of the platform, by the names their users know.
 *
 * A service has one name as folder, chart alias, Deployment, `job` label and Kafka group. Ports are those of the
 * embedded run on one machine; in a cluster every pod serves metrics on the container port named `metrics`.
 */
export const METRICS_PORT_NAME = 'metrics';
export const CLUSTER_METRICS_PORT = 8001;

export interface ServiceDefinition {
  readonly description: string;
  /** Port of /metrics, /healthz and /readyz in the embedded run. */
  readonly localMetricsPort: number;
  /** Port of the public API, for the services that have one. */
  readonly apiPort?: number;
  /** How often Prometheus scrapes it when the TradingPipeline does not say, as a Prometheus duration. */
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

/** The operator is not a service of the platform, but a process with metrics of its own. */
export const CONTROLLER = 'controller';
export const CONTROLLER_LOCAL_METRICS_PORT = 8005;
export const CONTROLLER_SCRAPE_INTERVAL = '15s';

/** Every process that emits metrics. */
export type ProcessName = ServiceName | typeof CONTROLLER;
export const processNames: readonly ProcessName[] = [...serviceNames, CONTROLLER];

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}
