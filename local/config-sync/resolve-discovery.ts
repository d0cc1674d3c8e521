import { isMap, parseDocument, type YAMLMap } from 'yaml';
import { type Discoverable, discoverTargets } from './discover-targets.ts';

interface KubernetesSd {
  readonly role: string;
  readonly namespaces?: { readonly names?: readonly string[] };
}

const DISCOVERY = 'kubernetes_sd_configs';

/**
 * Replaces every Kubernetes discovery in a configuration by the targets that the discovery would find now. Everything else,
 * above all the relabelings, stays as prometheus-operator wrote it. Pure.
 */
export function resolveDiscovery(config: string, cluster: Discoverable): string {
  const document = parseDocument(config);
  const jobs = [
    ...listMaps(document.getIn(['scrape_configs'])),
    ...listMaps(document.getIn(['alerting', 'alertmanagers'])),
  ];
  for (const job of jobs) {
    const node = job.get(DISCOVERY);
    if (node === undefined) continue;
    const discoveries = document.createNode(node).toJS(document) as readonly KubernetesSd[];
    job.delete(DISCOVERY);
    job.set('static_configs', document.createNode(discoveries.flatMap((discovery) => resolve(discovery, cluster))));
  }
  return document.toString({ lineWidth: 0 });
}

function listMaps(node: unknown): YAMLMap[] {
  const items = (node as { items?: readonly unknown[] } | undefined)?.items ?? [];
  return items.filter((item): item is YAMLMap => isMap(item));
}

function resolve({ role, namespaces }: KubernetesSd, cluster: Discoverable) {
  if (role !== 'endpointslice') {
    throw new Error(
      `kubernetes_sd_configs.role: expected endpointslice, got the role ${role}: set serviceDiscoveryRole: EndpointSlice`,
    );
  }
  return discoverTargets(cluster, namespaces?.names);
}
