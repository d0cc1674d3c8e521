import type { KubeObject } from '#controller/api/kube-object.ts';
import { labels as wellKnown } from '#controller/api/names.ts';

/** The objects that Prometheus's Kubernetes discovery reads. */
export interface Discoverable {
  readonly services: readonly KubeObject[];
  readonly endpointSlices: readonly EndpointSlice[];
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: string;
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly kind: string; readonly name: string };
  readonly nodeName?: string;
}

/** An entry of `static_configs` in Prometheus's configuration. */
interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const META = '__meta_kubernetes_';

/**
 * Finds the targets that Prometheus's own discovery would find for the role `endpointslice`, with the same labels, so that the
 * same relabelings work. Replaces the discovery for builds of Prometheus that lack it, such as Debian's. Returns one group per
 * target. Ignores pods, because a machine without a cluster has none. Pure.
 */
export function discoverTargets(cluster: Discoverable, namespaces?: readonly string[]): TargetGroup[] {
  const inScope = cluster.endpointSlices.filter(({ metadata }) => isInScope(metadata.namespace, namespaces));
  return inScope.flatMap((slice) => {
    const service = findService(cluster.services, slice);
    const shared = { ...sliceLabels(slice), ...(service ? metaLabels('service', service) : {}) };
    return (slice.endpoints ?? []).flatMap((endpoint) => endpointGroups(slice, endpoint, shared));
  });
}

function isInScope(namespace: string | undefined, namespaces: readonly string[] | undefined): boolean {
  return namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace));
}

function findService(services: readonly KubeObject[], { metadata }: EndpointSlice): KubeObject | undefined {
  const name = metadata.labels?.[wellKnown.endpointsOf];
  return services.find(
    (service) => service.metadata.name === name && service.metadata.namespace === metadata.namespace,
  );
}

function sliceLabels(slice: EndpointSlice): Record<string, string> {
  return {
    [`${META}namespace`]: slice.metadata.namespace ?? '',
    [`${META}endpointslice_address_type`]: slice.addressType,
    ...metaLabels('endpointslice', slice),
  };
}

/** Returns the meta labels for name, labels and annotations of an object, such as `__meta_kubernetes_service_label_app`. */
function metaLabels(kind: string, { metadata }: KubeObject): Record<string, string> {
  const found: Record<string, string> = { [`${META}${kind}_name`]: metadata.name };
  const sources = { label: metadata.labels, annotation: metadata.annotations };
  for (const [what, values] of Object.entries(sources)) {
    for (const [name, value] of Object.entries(values ?? {})) {
      found[`${META}${kind}_${what}_${sanitize(name)}`] = value;
      found[`${META}${kind}_${what}present_${sanitize(name)}`] = 'true';
    }
  }
  return found;
}

function sanitize(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function endpointGroups(
  slice: EndpointSlice,
  endpoint: Endpoint,
  shared: Readonly<Record<string, string>>,
): TargetGroup[] {
  const own = endpointLabels(endpoint);
  const ports = slice.ports ?? [];
  return endpoint.addresses.flatMap((address) =>
    ports.map(({ name = '', port = 0, protocol = 'TCP' }) => ({
      targets: [`${address.includes(':') ? `[${address}]` : address}:${port}`],
      labels: {
        ...shared,
        ...own,
        [`${META}endpointslice_port`]: String(port),
        [`${META}endpointslice_port_name`]: name,
        [`${META}endpointslice_port_protocol`]: protocol,
      },
    })),
  );
}

function endpointLabels({ conditions = {}, targetRef, nodeName }: Endpoint): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [condition, holds] of Object.entries(conditions)) {
    found[`${META}endpointslice_endpoint_conditions_${condition}`] = String(holds);
  }
  if (targetRef) {
    found[`${META}endpointslice_address_target_kind`] = targetRef.kind;
    found[`${META}endpointslice_address_target_name`] = targetRef.name;
  }
  if (nodeName) found[`${META}endpointslice_endpoint_node_name`] = nodeName;
  return found;
}
