import { CONTROLLER_LOCAL_METRICS_PORT, services } from '#catalogue/services.ts';

/** Every port of the stack. The environment variable `PORT_<key>` overrides a default. */
export const portTable = {
  API: { default: services.backend.apiPort, use: 'the API of backend' },
  BACKEND_METRICS: { default: services.backend.localMetricsPort, use: 'the metrics of backend' },
  CELERY_WORKER_METRICS: { default: services['celery-worker'].localMetricsPort, use: 'the metrics of celery-worker' },
  SIGNAL_GENERATOR_METRICS: {
    default: services['signal-generator'].localMetricsPort,
    use: 'the metrics of signal-generator',
  },
  TRIGGER_DISPATCHER_METRICS: {
    default: services['trigger-dispatcher'].localMetricsPort,
    use: 'the metrics of trigger-dispatcher',
  },
  CONTROLLER_METRICS: { default: CONTROLLER_LOCAL_METRICS_PORT, use: 'the metrics of the controller' },
  PROMETHEUS_OPERATOR: { default: 8006, use: 'the metrics of prometheus-operator' },
  MODEL_API: { default: 8010, use: 'the fake model API' },
  PROMETHEUS: { default: 9090, use: 'Prometheus' },
  ALERTMANAGER: { default: 9093, use: 'Alertmanager' },
  GRAFANA: { default: 3000, use: 'Grafana' },
  KAFKA: { default: 9092, use: 'Kafka' },
  KAFKA_CONTROLLER: { default: 9095, use: "Kafka's own controller" },
  POSTGRES: { default: 5432, use: 'Postgres' },
  REDIS: { default: 6379, use: 'Redis' },
  KUBE_API: { default: 6443, use: 'the Kubernetes API server' },
} as const satisfies Record<string, { default: number; use: string }>;

export type PortName = keyof typeof portTable;
export const portNames = Object.keys(portTable) as PortName[];
export type Ports = Readonly<Record<PortName, number>>;

export const portVariable = (name: PortName): string => `PORT_${name}`;

/** Thrown if a variable contains no valid port, or two variables contain the same port. */
export class PortError extends Error {}

/**
 * Chooses each port: the value of its PORT_ variable; else, with PORT_OFFSET set, the default plus the offset; else the port of the
 * earlier `up`; else the default. Pure.
 */
export function planPorts(environment: NodeJS.ProcessEnv, remembered: Partial<Ports> = {}): Ports {
  const offset = parsePort('PORT_OFFSET', environment.PORT_OFFSET);
  const ports = Object.fromEntries(portNames.map((name) => [name, planPort(name, environment, offset, remembered)]));
  needDistinct(ports as Ports);
  return ports as Ports;
}

function planPort(
  name: PortName,
  environment: NodeJS.ProcessEnv,
  offset: number | undefined,
  remembered: Partial<Ports>,
): number {
  const own = parsePort(portVariable(name), environment[portVariable(name)]);
  if (own !== undefined) return own;
  if (offset === undefined) return remembered[name] ?? portTable[name].default;
  const moved = portTable[name].default + offset;
  if (moved > 65_535)
    throw new PortError(
      `PORT_OFFSET=${offset} moves ${portVariable(name)} to ${moved}, above 65535: use a smaller offset`,
    );
  return moved;
}

function parsePort(variable: string, text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new PortError(`${variable}=${text} is not a port: use a number from 0 to 65535`);
}

function needDistinct(ports: Ports): void {
  for (const [index, name] of portNames.entries()) {
    const other = portNames.slice(0, index).find((earlier) => ports[earlier] === ports[name]);
    if (!other) continue;
    const variables = `${portVariable(other)} and ${portVariable(name)}`;
    throw new PortError(`${variables} are both ${ports[name]}: set one of them to another port`);
  }
}
