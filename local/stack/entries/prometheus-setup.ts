import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { clusterKinds } from '../cluster-kinds.ts';
import { READY_WITHIN_MS } from '../patience.ts';
import { MONITORING_NAMESPACE, PROMETHEUS_NAME } from './platform-objects.ts';

const POLL_MS = 100;

interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { name: string; args?: readonly string[] }[] };
    };
  };
}

/** The flags that prometheus-operator would start Prometheus with: retention and the rest come from the Prometheus object. */
export async function readPrometheusFlags(kubeconfig: string): Promise<readonly string[]> {
  const client = new KubeClient({ connection: readKubeConnection(kubeconfig), fieldManager: 'local-stack' });
  try {
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const flags = await findFlags(client);
      if (flags) return flags;
      if (performance.now() > deadline) {
        throw new Error(
          `prometheus-operator has made no StatefulSet within ${READY_WITHIN_MS / 1_000} s: see make logs S=prometheus-operator`,
        );
      }
      await sleep(POLL_MS);
    }
  } finally {
    client.close();
  }
}

async function findFlags(client: KubeClient): Promise<readonly string[] | undefined> {
  const { items } = await client.list<StatefulSet>(clusterKinds.statefulSet, {
    namespace: MONITORING_NAMESPACE,
    fieldSelector: `metadata.name=prometheus-${PROMETHEUS_NAME}`,
  });
  return items[0]?.spec.template.spec.containers.find(({ name }) => name === 'prometheus')?.args;
}
