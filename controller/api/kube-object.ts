/**
 * Kubernetes objects: the fields that all of them have, the kinds that this project reads or writes, and their paths on the API
 * server. Pure.
 */

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

/** A Kubernetes object of any kind, with the fields that this project uses. */
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

/** The names by which a kind of object is addressed on the API server. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function namespaced<const Kind extends string>(
  apiVersion: string,
  kind: Kind,
  plural: string,
): Resource & { kind: Kind } {
  return { apiVersion, kind, plural, namespaced: true };
}

function clusterScoped(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, namespaced: false };
}

/** The kinds that the controller and the local stack read or write. */
export const resources = {
  tradingPipeline: namespaced('trading-platform.dev/v1alpha1', 'TradingPipeline', 'tradingpipelines'),
  serviceMonitor: namespaced('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors'),
  prometheusRule: namespaced('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules'),
  prometheus: namespaced('monitoring.coreos.com/v1', 'Prometheus', 'prometheuses'),
  configMap: namespaced('v1', 'ConfigMap', 'configmaps'),
  secret: namespaced('v1', 'Secret', 'secrets'),
  service: namespaced('v1', 'Service', 'services'),
  serviceAccount: namespaced('v1', 'ServiceAccount', 'serviceaccounts'),
  event: namespaced('events.k8s.io/v1', 'Event', 'events'),
  namespace: clusterScoped('v1', 'Namespace', 'namespaces'),
  endpointSlice: namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  lease: namespaced('coordination.k8s.io/v1', 'Lease', 'leases'),
  clusterRole: clusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles'),
  clusterRoleBinding: clusterScoped('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'),
  customResourceDefinition: clusterScoped(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
  ),
} as const satisfies Record<string, Resource>;

/** The kinds of objects that the controller generates for a TradingPipeline. */
export const generatedResources = [resources.serviceMonitor, resources.prometheusRule, resources.configMap] as const;
export type GeneratedKind = (typeof generatedResources)[number]['kind'];

/** Returns the entry of `resources` for the kind of an object, or undefined if there is none. */
export function resourceOf(object: { apiVersion: string; kind: string }): Resource | undefined {
  return Object.values(resources).find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
}

/** Returns the entry of `resources` for the kind that a URL path addresses, or undefined if there is none. */
export function resourceOfPath(path: string): Resource | undefined {
  return Object.values(resources).find(({ plural }) => path.endsWith(`/${plural}`) || path.includes(`/${plural}/`));
}

/**
 * Returns the URL path of one object if `at` contains a name, otherwise of the collection of all objects of the kind.
 */
export function resourcePath(resource: Resource, at: Partial<ObjectName> = {}): string {
  const group = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && at.namespace ? `/namespaces/${encodeURIComponent(at.namespace)}` : '';
  const name = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`;
  return `${group}${scope}/${resource.plural}${name}`;
}
