import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { FIELD_MANAGER, GROUP, PLURAL } from '../../api/names.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { isNotFound, KubeError } from '../../kube/kube-error.ts';
import type { Lease } from '../../kube/lease.ts';
import { observeEndpoints, observeService } from '../../reconcile/observed.ts';
import { describeKubeError, readGenerated } from '../open-kube-client.ts';
import { answerOf, type ClusterFacts, type NamespaceFacts } from './facts.ts';
import { type Finding, wrong } from './finding.ts';

/** How long to wait for the controller to act on a change that was made just before the command. */
const PATIENCE_MS = 5_000;
const POLL_MS = 500;

/**
 * Returns all TradingPipelines. If the API server does not respond or the CRD is missing, returns a finding instead, because no
 * other check can then run.
 */
export async function readPipelines(client: KubeClient): Promise<readonly TradingPipeline[] | Finding> {
  try {
    await client.list(resources.serviceMonitor);
    return (await client.list<TradingPipeline>(resources.tradingPipeline)).items;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return isNotFound(error) ? crdMissing(error) : apiServerSilent(error);
  }
}

function crdMissing({ message }: KubeError): Finding {
  const ours = message.includes(PLURAL);
  const name = ours ? `${PLURAL}.${GROUP}` : 'servicemonitors.monitoring.coreos.com';
  const remedy = ours
    ? `kubectl apply --server-side -f crds/${GROUP}_${PLURAL}.yaml`
    : 'Install prometheus-operator with its CRDs, for instance by kube-prometheus-stack';
  return wrong('crdMissing', `the API server does not know ${name}`, remedy);
}

function apiServerSilent(error: KubeError): Finding {
  return wrong(
    'apiServerSilent',
    describeKubeError(error),
    'Run `kubectl version`: with the same kubeconfig it should fail in the same way',
  );
}

/**
 * Reads the TradingPipelines again until the controller has acted on the current generation of each, for at most 5 s.
 */
export async function waitForController(
  client: KubeClient,
  pipelines: readonly TradingPipeline[],
): Promise<readonly TradingPipeline[]> {
  const deadline = performance.now() + PATIENCE_MS;
  let seen = pipelines;
  while (seen.some(isBehind) && performance.now() < deadline) {
    await sleep(POLL_MS);
    const now = (await client.list<TradingPipeline>(resources.tradingPipeline)).items;
    seen = seen.map((one) => now.find(({ metadata }) => metadata.uid === one.metadata.uid) ?? one);
  }
  return seen;
}

function isBehind({ metadata, status }: TradingPipeline): boolean {
  return status?.observedGeneration !== metadata.generation;
}

export async function readClusterFacts(
  client: KubeClient,
  pipelines: readonly TradingPipeline[],
  namespaces: Iterable<string>,
): Promise<ClusterFacts> {
  const names = [...new Set(namespaces)];
  const ofController = { fieldSelector: `metadata.name=${FIELD_MANAGER}` };
  const [leases, prometheuses, ...facts] = await Promise.all([
    answerOf(client.list<Lease>(resources.lease, ofController).then(({ items }) => items)),
    answerOf(client.list<KubeObject>(resources.prometheus).then(({ items }) => items)),
    ...names.map((name) => readNamespace(client, name)),
  ]);
  const found = new Map(names.map((name, index) => [name, facts[index] as NamespaceFacts]));
  return { server: client.server.origin, pipelines, prometheuses, leases, namespaces: found };
}

async function readNamespace(client: KubeClient, namespace: string): Promise<NamespaceFacts> {
  const [labels, services, slices, generated] = await Promise.all([
    answerOf(client.get(resources.namespace, { name: namespace }).then(({ metadata }) => metadata.labels ?? {})),
    client.list<KubeObject>(resources.service, { namespace }),
    client.list<KubeObject>(resources.endpointSlice, { namespace }),
    readGenerated(client, namespace),
  ]);
  return {
    labels,
    services: services.items.map(observeService),
    endpoints: slices.items.map(observeEndpoints),
    generated,
  };
}
