import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { parse } from 'yaml';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { repository } from '#local/stack/state.ts';
import { NAMESPACE, RELEASE, runHelm, valueArgs } from '../charts/helm.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import type { Monitoring } from './monitoring.ts';
import { type PortForward, startPortForward } from './port-forward.ts';
import { runProgram } from './run-program.ts';

/** A namespace in which the API server refuses pods that do not meet the strictest Pod Security Standard. */
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

/** Creates the namespace of the release, and installs the monitoring servers that must exist before the chart. */
export async function prepareCluster(monitoring: Monitoring): Promise<void> {
  await applyObjects([restrictedNamespace]);
  await monitoring.install();
}

/** Deletes the namespaces of the release and of its monitoring. */
export async function clearCluster({ namespace }: Monitoring): Promise<void> {
  await kubectl('delete', 'namespace', ...new Set([namespace, NAMESPACE]), '--ignore-not-found', '--timeout=120s');
}

/** Installs or upgrades the release, and waits until every pod is ready. */
export async function installChart(chart: string, imageTag: string, values: object): Promise<void> {
  const set = { image: { tag: imageTag }, ...values };
  await helm('upgrade', '--install', RELEASE, chart, ...valueArgs(chart, { set }), '--wait', '--timeout=10m');
}

export async function uninstallChart(): Promise<void> {
  await helm('uninstall', RELEASE, '--wait', '--timeout=5m');
}

function helm(...args: readonly string[]): Promise<string> {
  return runHelm([...args, `--namespace=${NAMESPACE}`], process.env.KUBECONFIG);
}

/** The platform's servers, reached through forwarded ports of this machine. */
export interface Reach {
  readonly api: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly kafka: Kafka;
  readonly postgres: string;
  stop(): void;
}

export async function reachPlatform({ namespace, pods }: Monitoring): Promise<Reach> {
  const forward = (within: string, target: string, port: number) =>
    startPortForward({ namespace: within, target, port });
  const forwards = await Promise.all([
    forward(NAMESPACE, 'service/backend', 8000),
    forward(NAMESPACE, 'pod/kafka-0', 9092),
    forward(NAMESPACE, 'pod/postgres-0', 5432),
    forward(namespace, `pod/${pods.prometheus}`, 9090),
    forward(namespace, `pod/${pods.alertmanager}`, 9093),
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

/**
 * Returns a client that makes every connection to the forwarded port, because Kafka advertises an address that only the cluster can reach.
 */
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

/** Creates the pipelines of examples/. Does not change pipelines that already exist. */
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

/** Evicts a pod through the API server, as draining a node does, so that its PodDisruptionBudget applies. */
export async function evict(pod: string): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: NAMESPACE } };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`;
  await runProgram('kubectl', ['create', `--raw=${path}`, '--filename=-'], JSON.stringify(body));
}
