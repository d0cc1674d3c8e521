import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { clusterKinds } from '../apply-manifests.ts';
import { MONITORING_NAMESPACE, PROMETHEUS_NAME } from './platform-objects.ts';
import { READY_WITHIN_MS } from './stack-entry.ts';

const POLL_MS = 100;

interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { name: string; args?: readonly string[] }[] };
    };
  };
}

/**
 * Returns the flags with which prometheus-operator would start Prometheus. The operator derives flags such as the retention
 * from the Prometheus object.
 */
export async function readPrometheusFlags(kubeconfig: string): Promise<readonly string[]> {
  const client = new KubeClient({ connection: readKubeConnection(kubeconfig), fieldManager: 'local-stack' });
  try {
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const flags = await findFlags(client);
      if (flags) return flags;
      if (performance.now() > deadline) {
        throw new Error(
          `prometheus-operator created no StatefulSet within ${READY_WITHIN_MS / 1_000} s: look at make logs S=prometheus-operator`,
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

const config = 'scrape_configs: [{job_name: any, kubernetes_sd_configs: [{role: endpointslice}]}]\n';

/** Finds out with promtool whether this build of Prometheus includes Kubernetes discovery. Debian's build does not. */
export async function discoversKubernetes(promtool: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-promtool-'));
  const file = join(folder, 'prometheus.yaml');
  try {
    writeFileSync(file, config);
    await promisify(execFile)(promtool, ['check', 'config', '--syntax-only', file]);
    return true;
  } catch (error) {
    // promtool refuses the field `kubernetes_sd_configs` if it was built without Kubernetes discovery. Any other error is thrown.
    const said = `${(error as { stderr?: string }).stderr}${(error as { stdout?: string }).stdout}`;
    if (!said.includes('kubernetes_sd_configs not found')) throw error;
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
