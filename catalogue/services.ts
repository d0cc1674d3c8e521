/**
 * The processes of the platform, by the names that users know.
 *
 * A service has the same name as folder, chart alias, Deployment, label `job` and Kafka group. The ports here are for all services on
 * one machine. In a cluster every pod serves metrics on the container port named `metrics`.
 */
export const METRICS_PORT_NAME = 'metrics';

interface ServiceDefinition {
  readonly description: string;
  /** Port of /metrics, /healthz and /readyz on one machine. */
  readonly localMetricsPort: number;
  /** Port of the public API, if the service has one. */
  readonly apiPort?: number;
  /** How often Prometheus scrapes the service if the TradingPipeline sets nothing, as a Prometheus duration. */
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

/** The operator is not a service of the platform, but it has metrics of its own. */
export const CONTROLLER = 'controller';
export const CONTROLLER_LOCAL_METRICS_PORT = 8005;
export const CONTROLLER_SCRAPE_INTERVAL = '15s';

/** All processes that emit metrics. */
export type ProcessName = ServiceName | typeof CONTROLLER;
export const processNames: readonly ProcessName[] = [...serviceNames, CONTROLLER];

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}
