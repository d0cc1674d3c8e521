/**
 * Builds the objects that a cluster would have by itself: Services with their EndpointSlices, and the Prometheus object that
 * prometheus-operator turns into a configuration. Pure.
 */
import { METRICS_PORT_NAME, type ProcessName, processNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { labels, PART_OF } from '#controller/api/names.ts';
import type { PortName, Ports } from '../ports.ts';

export const PLATFORM_NAMESPACE = 'trading-platform';
export const MONITORING_NAMESPACE = 'monitoring';
/** Name of the Prometheus object. prometheus-operator derives other names from it, such as the Secret `prometheus-main`. */
export const PROMETHEUS_NAME = 'main';
const ALERTMANAGER = 'alertmanager';
const WEB_PORT_NAME = 'web';

/**
 * The API server refuses loopback addresses in an EndpointSlice. So the slices contain addresses that are reserved for
 * documentation (RFC 5737), and a relabeling in every scrape job replaces them with 127.0.0.1.
 */
const STAND_IN_NETWORK = '192.0.2';
const loopback = {
  sourceLabels: ['__address__'],
  regex: `${STAND_IN_NETWORK.replaceAll('.', '\\.')}\\.\\d+:(\\d+)`,
  targetLabel: '__address__',
  replacement: '127.0.0.1:$1',
};

export const metricsPort: Readonly<Record<ProcessName, PortName>> = {
  backend: 'BACKEND_METRICS',
  'celery-worker': 'CELERY_WORKER_METRICS',
  'signal-generator': 'SIGNAL_GENERATOR_METRICS',
  'trigger-dispatcher': 'TRIGGER_DISPATCHER_METRICS',
  controller: 'CONTROLLER_METRICS',
};

interface MonitoringOptions {
  readonly ports: Ports;
  /** Version of the running Prometheus: prometheus-operator writes different configurations for 2.x and 3.x. */
  readonly prometheusVersion: string;
  readonly apiServerUrl: string;
  /**
   * Paths of the files with which Prometheus accesses the API server: the token of Prometheus, and the CA of the
   * server's certificate.
   */
  readonly tokenFile: string;
  readonly caFile: string;
}

export function buildPlatformObjects(options: MonitoringOptions): KubeObject[] {
  const { ports } = options;
  const discovered = processNames.flatMap((name, index) =>
    buildDiscovery({
      name,
      namespace: PLATFORM_NAMESPACE,
      address: `${STAND_IN_NETWORK}.${index + 11}`,
      portName: METRICS_PORT_NAME,
      port: ports[metricsPort[name]],
    }),
  );
  const alertmanager = buildDiscovery({
    name: ALERTMANAGER,
    namespace: MONITORING_NAMESPACE,
    address: `${STAND_IN_NETWORK}.10`,
    portName: WEB_PORT_NAME,
    port: ports.ALERTMANAGER,
  });
  return [...discovered, ...alertmanager, buildPrometheus(options)];
}

interface Discovery {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly portName: string;
  readonly port: number;
}

/** Builds a headless Service without a selector, and the EndpointSlice that a cluster would derive from the Service's pods. */
function buildDiscovery({ name, namespace, address, portName, port }: Discovery): KubeObject[] {
  const own = { [labels.serviceName]: name, [labels.partOf]: PART_OF };
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: own },
    spec: { clusterIP: 'None', ports: [{ name: portName, port, protocol: 'TCP' }] },
  };
  const slice: KubeObject & Record<string, unknown> = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { ...own, [labels.endpointsOf]: name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: portName, port, protocol: 'TCP' }],
  };
  return [service, slice];
}

function buildPrometheus(options: MonitoringOptions): KubeObject {
  const everything = {};
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: PROMETHEUS_NAME, namespace: MONITORING_NAMESPACE },
    spec: {
      version: options.prometheusVersion,
      serviceAccountName: 'prometheus',
      serviceDiscoveryRole: 'EndpointSlice',
      ...Object.fromEntries(
        ['serviceMonitor', 'rule'].flatMap((kind) => [
          [`${kind}Selector`, everything],
          [`${kind}NamespaceSelector`, everything],
        ]),
      ),
      scrapeClasses: [{ name: 'loopback', default: true, relabelings: [loopback] }],
      apiserverConfig: {
        host: options.apiServerUrl,
        authorization: { credentialsFile: options.tokenFile },
        tlsConfig: { caFile: options.caFile },
      },
      alerting: {
        alertmanagers: [
          {
            namespace: MONITORING_NAMESPACE,
            name: ALERTMANAGER,
            port: WEB_PORT_NAME,
            apiVersion: 'v2',
            relabelings: [loopback],
          },
        ],
      },
      scrapeInterval: '15s',
      evaluationInterval: '15s',
      retention: '30d',
      retentionSize: '10GB',
    },
  };
}
