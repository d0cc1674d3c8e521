import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { parse } from 'yaml';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { parts } from '#local/parts/index.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import { repository } from '#local/stack/state.ts';
import { NAMESPACE, runHelm, valueArgs } from '../charts/helm.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import { type PortForward, startPortForward } from './port-forward.ts';
import { runProgram } from './run-program.ts';

export const MONITORING = 'monitoring';
export const RELEASE = 'trading-platform';
const PROMETHEUS_URL = `http://prometheus-operated.${MONITORING}.svc:9090`;

/** Every pod must meet the strictest of the Pod Security Standards, or the API server refuses it. */
const restrictedNamespace: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NAMESPACE,
    labels: {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'latest',
    },
  },
};

/** prometheus-operator, a Prometheus and an Alertmanager, as kube-prometheus-stack installs them. */
export async function installMonitoring(): Promise<void> {
  const crds = await provisionForTests(parts.monitoringCrds);
  await applyObjects(readManifests(crds.files.crds));
  await kubectl('wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s');
  await applyObjects(readManifests(join(repository, 'local', 'manifests')));
  await applyObjects(readManifests(join(import.meta.dirname, 'manifests')));
  await applyObjects([restrictedNamespace]);
  const ready = ['--for=condition=Available', '--timeout=300s', `--namespace=${MONITORING}`];
  await kubectl('wait', 'prometheus.monitoring.coreos.com/main', 'alertmanager.monitoring.coreos.com/main', ...ready);
}

export async function removeMonitoring(): Promise<void> {
  await kubectl('delete', 'namespace', MONITORING, NAMESPACE, '--ignore-not-found', '--timeout=120s');
}

/** `helm upgrade --install`, and waits until every pod is ready. */
export async function installChart(chart: string, imageTag: string, values: object = {}): Promise<void> {
  const set = {
    'kube-prometheus-stack': { enabled: false },
    image: { tag: imageTag },
    controller: { prometheusUrl: PROMETHEUS_URL },
    ...values,
  };
  await helm('upgrade', '--install', RELEASE, chart, ...valueArgs(chart, { set }), '--wait', '--timeout=10m');
}

export async function uninstallChart(): Promise<void> {
  await helm('uninstall', RELEASE, '--wait', '--timeout=5m');
}

function helm(...args: readonly string[]): Promise<string> {
  return runHelm([...args, `--namespace=${NAMESPACE}`], process.env.KUBECONFIG);
}

/** The platform's servers on this machine. */
export interface Reach {
  readonly api: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly kafka: Kafka;
  readonly postgres: string;
  stop(): void;
}

export async function reachPlatform(): Promise<Reach> {
  const forward = (namespace: string, target: string, port: number) => startPortForward({ namespace, target, port });
  const forwards = await Promise.all([
    forward(NAMESPACE, 'service/backend', 8000),
    forward(NAMESPACE, 'pod/kafka-0', 9092),
    forward(NAMESPACE, 'pod/postgres-0', 5432),
    forward(MONITORING, 'pod/prometheus-main-0', 9090),
    forward(MONITORING, 'pod/alertmanager-main-0', 9093),
  ]);
  const [api, kafka, postgres, prometheus, alertmanager] = forwards as [PortForward, ...PortForward[]] & { length: 5 };
  const at = (forwarded: PortForward | undefined) => `http://127.0.0.1:${forwarded?.port}`;
  return {
    api: at(api),
    prometheus: at(prometheus),
    alertmanager: at(alertmanager),
    kafka: connectThrough(kafka!.port),
    postgres: `postgres://trading:${await readSecret('postgres', 'password')}@127.0.0.1:${postgres!.port}/trading`,
    stop: () => {
      for (const one of forwards) one.stop();
    },
  };
}

/** The broker tells clients its name in the cluster; whatever the name, the forwarded port is where it answers. */
function connectThrough(port: number): Kafka {
  return new Kafka({
    brokers: [`127.0.0.1:${port}`],
    clientId: 'test',
    logLevel: logLevel.NOTHING,
    socketFactory: ({ onConnect }) => connect({ host: '127.0.0.1', port }, onConnect),
  });
}

async function readSecret(name: string, key: string): Promise<string> {
  const path = `--output=jsonpath={.data.${key}}`;
  return Buffer.from(await kubectl('get', 'secret', name, `--namespace=${NAMESPACE}`, path), 'base64').toString();
}

/** Gives the platform the pipelines of examples/. */
export async function createPipelines(api: string): Promise<void> {
  const folder = join(repository, 'examples', 'pipelines');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const response = await fetch(`${api}/api/v1/pipelines`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parse(readFileSync(join(folder, file), 'utf8'))),
    });
    if (!response.ok && response.status !== 409)
      throw new Error(`${file}: ${response.status} ${await response.text()}`);
  }
}

/** Asks the API server to move a pod elsewhere, as a drained node does; its PodDisruptionBudget is heard. */
export async function evict(pod: string): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: NAMESPACE } };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`;
  await runProgram('kubectl', ['create', `--raw=${path}`, '--filename=-'], JSON.stringify(body));
}
