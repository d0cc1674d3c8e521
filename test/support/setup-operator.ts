import './provided-context.ts';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { startApiServer } from './start-api-server.ts';

/** Folder of our own CustomResourceDefinitions. */
export const ownCrds = join(import.meta.dirname, '..', '..', 'crds');

/** Vitest's global setup for tests of the operator: starts one real API server for all of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startApiServer();
  try {
    await applyCrds(server.kubeconfigs.admin, [server.crds, ownCrds]);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('apiServer', { url: server.url, kubeconfigs: server.kubeconfigs });
  return () => server.stop();
}

/** Applies the CRDs in folders of YAML files. Tests that start their own API server also call this function. */
export async function applyCrds(kubeconfig: string, folders: readonly string[]): Promise<void> {
  const client = new KubeClient({ connection: readKubeConnection(kubeconfig), fieldManager: 'test' });
  try {
    await applyManifests(client, folders.flatMap(readManifests));
  } finally {
    client.close();
  }
}
