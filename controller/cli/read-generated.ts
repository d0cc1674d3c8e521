import type { KubeObject } from '../api/kube-object.ts';
import { FIELD_MANAGER, labels } from '../api/names.ts';
import { generatedResources } from '../api/resources.ts';
import type { KubeClient } from '../kube/kube-client.ts';

/** What the controller has made in a namespace, of all resources or of one. */
export async function readGenerated(client: KubeClient, namespace: string, name?: string): Promise<KubeObject[]> {
  const ours = `${labels.managedBy}=${FIELD_MANAGER}`;
  const labelSelector = name === undefined ? ours : `${ours},${labels.pipeline}=${name}`;
  const lists = generatedResources.map((resource) => client.list<KubeObject>(resource, { namespace, labelSelector }));
  return (await Promise.all(lists)).flatMap(({ items }) => items);
}
