/** The cases of our operator, which runs from its bundle, started as its image starts it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CONTROLLER } from '#catalogue/services.ts';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { labels } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { buildBundle } from '../../tools/bundles/build-bundle.ts';
import { bundles, MAIN } from '../../tools/bundles/bundle.ts';
import type { Command } from '../measured-process.ts';
import { readImage } from '../read-image.ts';
import { countedEvents, type Kubeconfigs, namespaceOf, type OperatorCase } from './operator-case.ts';

const root = resolve(import.meta.dirname, '..', '..');
const image = readImage(CONTROLLER);

interface Definition {
  readonly spec: (index: number) => object;
  readonly beside: (index: number) => readonly KubeObject[];
  readonly objects: OperatorCase['objects'];
}

const definitions: Readonly<Record<string, Definition>> = {
  /** TradingPipelines with only two objectives, which is the same work that Sloth does. */
  rules: {
    spec: (index) => ({ objectives: objectives(index) }),
    beside: () => [],
    objects: [[resources.prometheusRule, 1]],
  },
  /** TradingPipelines with a service and its alerts, two objectives and a dashboard. */
  full: {
    spec: (index) => ({
      services: [{ name: serviceOf(index), selector: { matchLabels: { app: serviceOf(index) } } }],
      alerts: {},
      objectives: objectives(index),
      dashboards: { include: ['overview'] },
    }),
    beside: buildService,
    objects: [
      [resources.serviceMonitor, 1],
      [resources.prometheusRule, 1],
      [resources.configMap, 1],
    ],
  },
};

export const ownCaseNames = Object.keys(definitions);

/** Builds the bundle into a temporary folder, which is removed when this process ends. */
export async function prepareOwnCases(names: readonly string[]): Promise<OperatorCase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const bundle of bundles.filter(({ name }) => name === CONTROLLER)) await buildBundle(bundle, root, folder);
  const main = join(folder, CONTROLLER, MAIN);
  return names.map((name) => buildCase(name, main));
}

function buildCase(name: string, main: string): OperatorCase {
  const definition = definitions[name];
  if (!definition) throw new Error(`case: expected one of ${ownCaseNames.join(', ')}, got ${name}`);
  const { apiVersion, kind } = resources.tradingPipeline;
  return {
    ...definition,
    name,
    resource: resources.tradingPipeline,
    manifests: [join(root, 'crds'), join(root, 'controller', 'manifests', 'rbac.yaml')],
    surroundings: [openPrometheus],
    build: (index) => ({
      apiVersion,
      kind,
      metadata: { namespace: namespaceOf(index), name: `tp-${index}` },
      spec: definition.spec(index),
    }),
    isDone: (object) => {
      const { status, metadata } = object as TradingPipeline;
      return status?.observedGeneration === metadata.generation;
    },
    label: labels.pipeline,
    command: (kubeconfigs, environment) => buildCommand(main, kubeconfigs, environment),
  };
}

function buildCommand(main: string, { controller }: Kubeconfigs, environment: Command['environment'] = {}): Command {
  const own = { ...image.environment, KUBECONFIG: controller, METRICS_HOST: '127.0.0.1', METRICS_PORT: '0' };
  return { program: process.execPath, args: [...image.options, main], environment: { ...own, ...environment } };
}

function objectives(index: number): object[] {
  return countedEvents(index).map(({ name, target, bad, total }) => ({
    name,
    target,
    indicator: { custom: { bad, total } },
  }));
}

/**
 * A Prometheus object that selects all rules and monitors. With this object, TradingPipelines are healthy from the
 * start and get no Events, which is the usual case.
 */
const openPrometheus: KubeObject = {
  apiVersion: resources.prometheus.apiVersion,
  kind: resources.prometheus.kind,
  metadata: { namespace: 'default', name: 'open' },
  spec: {
    serviceMonitorSelector: {},
    serviceMonitorNamespaceSelector: {},
    ruleSelector: {},
    ruleNamespaceSelector: {},
  },
};

function serviceOf(index: number): string {
  return `service-${index}`;
}

/** A Service with an endpoint. The Service is headless, because the API server has only 254 cluster IPs to assign. */
function buildService(index: number): KubeObject[] {
  const [namespace, name] = [namespaceOf(index), serviceOf(index)];
  const port = { name: 'metrics', port: 8001 };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels: { app: name } },
    spec: { clusterIP: 'None', selector: { app: name }, ports: [port] },
  };
  const slice = {
    apiVersion: resources.endpointSlice.apiVersion,
    kind: resources.endpointSlice.kind,
    metadata: { namespace, name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [port],
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
  };
  return [service, slice];
}
