import { generatedResources, type KubeObject } from '../api/kube-object.ts';
import { FIELD_MANAGER, labels } from '../api/names.ts';
import { KubeClient } from '../kube/kube-client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { Failure } from './command-io.ts';

export interface KubeOptions {
  readonly kubeconfig?: string;
}

const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Opens a client for the kubeconfig's cluster, runs `work` with it and closes it. Commands must use the client for reads and
 * dry runs only.
 * @throws Failure if the cluster cannot be reached or refuses a request
 */
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

/** Imports the connection on demand, because its client library takes half of a command's start time and `validate` needs none. */
async function openClient(kubeconfig: string | undefined): Promise<KubeClient> {
  const { readKubeConnection } = await import('../kube/kube-connection.ts');
  try {
    const connection = readKubeConnection(kubeconfig);
    return new KubeClient({ connection, fieldManager: FIELD_MANAGER, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  } catch (error) {
    throw new Failure(
      `no cluster to ask: ${(error as Error).message}. Pass a kubeconfig with --kubeconfig or KUBECONFIG`,
    );
  }
}

export function describeKubeError({ code, message }: KubeError): string {
  if (code === 0) return `${message}. Check that the cluster is up and that the kubeconfig's context is the right one`;
  if (code === 401) return `${message}. Sign in to the cluster again`;
  if (code === 403) return `${message}. Ask for this permission: the command only reads and sends dry runs`;
  return message;
}

/** Returns the objects in a namespace that the controller generated, for all TradingPipelines or for the named one. */
export async function readGenerated(client: KubeClient, namespace: string, name?: string): Promise<KubeObject[]> {
  const ours = `${labels.managedBy}=${FIELD_MANAGER}`;
  const labelSelector = name === undefined ? ours : `${ours},${labels.pipeline}=${name}`;
  const lists = generatedResources.map((resource) => client.list<KubeObject>(resource, { namespace, labelSelector }));
  return (await Promise.all(lists)).flatMap(({ items }) => items);
}
