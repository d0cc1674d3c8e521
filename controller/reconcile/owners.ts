/** Reads the owner references of generated objects. Other field managers may add, change and remove them. Pure. */
import type { KubeObject, ObjectMeta } from '../api/kube-object.ts';
import { API_VERSION, KIND, labels } from '../api/names.ts';
import { appliedFields, subtree } from './managed-fields.ts';

type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/**
 * Returns the uid of the TradingPipeline that owns the object. If the object names several, the one that our last apply
 * set wins: anybody can add an owner reference.
 */
export function ownerUidOf(object: KubeObject): string | undefined {
  return (findAppliedOwner(object) ?? object.metadata.ownerReferences?.find(isTradingPipeline))?.uid;
}

/** Returns the owner reference that our last apply set, or undefined if somebody has removed it. */
export function findAppliedOwner(object: KubeObject): OwnerReference | undefined {
  const applied = subtree(appliedFields(object), 'f:metadata', 'f:ownerReferences');
  const isApplied = ({ uid }: { uid: string }) => `k:${JSON.stringify({ uid })}` in applied;
  return object.metadata.ownerReferences?.find((owner) => isTradingPipeline(owner) && isApplied(owner));
}

function isTradingPipeline({ kind, apiVersion }: { kind: string; apiVersion: string }): boolean {
  return kind === KIND && apiVersion === API_VERSION;
}

/** Returns the owner references if they are not exactly those of a generated object. */
export function oddOwners({ labels: own, ownerReferences: owners = [] }: ObjectMeta): object | undefined {
  const pipeline = own?.[labels.pipeline];
  if (owners.length > 1) return owners;
  const [owner] = owners;
  if (owner === undefined || pipeline === undefined) return undefined;
  const { name, controller, blockOwnerDeletion } = owner;
  const isUsual = name === pipeline && controller === true && blockOwnerDeletion === false;
  return isUsual && isTradingPipeline(owner) ? undefined : owners;
}
