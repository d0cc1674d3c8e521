import type { KubeObject } from '../api/kube-object.ts';
import { FIELD_MANAGER, labels } from '../api/names.ts';
import { generatedResources } from '../api/resources.ts';
import { KubeClient } from '../kube/kube-client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { Failure } from './command-io.ts';

export interface KubeOptions {
  readonly kubeconfig?: string;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** Runs with a client of the cluster that the kubeconfig names, and closes it. It never writes: dry runs only. */
export async function withKubeClient<T>(
  { kubeconfig }: KubeOptions,
  work: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const client = await openClient(kubeconfig);
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof KubeError) throw new Failure(describeKubeError(error));
    throw error;
  } finally {
    client.close();
  }
}

/** Half of a command's time to start is the client library: only those that need a cluster wait for it. */
async function openClient(kubeconfig: string | undefined): Promise<KubeClient> {
  const { readKubeConnection } = await import('../kube/kube-connection.ts');
  try {
    const connection = readKubeConnection(kubeconfig);
    return new KubeClient({ connection, fieldManager: FIELD_MANAGER, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  } catch (error) {
    throw new Failure(
      `no cluster to ask: ${(error as Error).message}. Name a kubeconfig by --kubeconfig or KUBECONFIG`,
    );
  }
}

export function describeKubeError({ code, message }: KubeError): string {
  if (code === 0) return `${message}. Is the cluster up, and the context of the kubeconfig the right one?`;
  if (code === 401) return `${message}. Sign in to the cluster again`;
  if (code === 403) return `${message}. Ask for this right: the command only reads, and applies with dry run`;
  return message;
}

/** What the controller has made in a namespace, of all resources or of one. */
export async function readGenerated(client: KubeClient, namespace: string, name?: string): Promise<KubeObject[]> {
  const ours = `${labels.managedBy}=${FIELD_MANAGER}`;
  const labelSelector = name === undefined ? ours : `${ours},${labels.pipeline}=${name}`;
  const lists = generatedResources.map((resource) => client.list<KubeObject>(resource, { namespace, labelSelector }));
  return (await Promise.all(lists)).flatMap(({ items }) => items);
}
