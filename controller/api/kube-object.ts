/** The fields that all Kubernetes objects in this project have in common. */
interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
  data?: Record<string, string>;
}

/** Identifies one object of a known kind. Cluster-scoped objects have no namespace. */
export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

/** Returns the key of an object in queues and caches: `namespace/name`, or only the name if the object is cluster-scoped. */
export function objectKey({ namespace, name }: ObjectName): string {
  return namespace ? `${namespace}/${name}` : name;
}
