import { join } from 'node:path';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { parts } from '../../parts/index.ts';
import { caFile, tokenFile } from '../../servers/kube-apiserver.ts';
import { applyManifests, readManifests } from '../apply-manifests.ts';
import { addresses, type StackContext } from '../stack-context.ts';
import { repository } from '../state.ts';
import { buildPlatformObjects } from './platform-objects.ts';
import type { StackEntry } from './stack-entry.ts';

/**
 * Applies the objects that a real cluster would already have (CRDs, RBAC, Services, the Prometheus object), and the
 * example platform.
 */
export function clusterObjectsEntry(context: StackContext): StackEntry {
  return { name: 'cluster-objects', needs: ['kube-apiserver'], work: () => applyClusterObjects(context) };
}

async function applyClusterObjects({ paths, settings, provision }: StackContext): Promise<string> {
  const [crds, prometheus] = await Promise.all([provision(parts.monitoringCrds), provision(parts.prometheus)]);
  const own = (...path: string[]) => readManifests(join(repository, ...path));
  const objects = [
    ...readManifests(crds.files.crds),
    ...own('crds'),
    ...own('controller', 'manifests'),
    ...own('local', 'manifests'),
    ...buildPlatformObjects({
      ports: settings.ports,
      prometheusVersion: prometheus.version,
      apiServerUrl: addresses(settings).kubeApi,
      tokenFile: tokenFile(paths.credentials, 'prometheus'),
      caFile: caFile(paths.credentials),
    }),
    ...own('examples', 'platform'),
  ];
  const client = new KubeClient({ connection: readKubeConnection(paths.kubeconfig), fieldManager: 'local-stack' });
  try {
    await applyManifests(client, objects);
  } finally {
    client.close();
  }
  return `${objects.length} objects applied: CRDs, RBAC, Services, examples/platform`;
}
