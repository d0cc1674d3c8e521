/** Finds out whether the services that a resource lists exist in the cluster, and how many ready endpoints each has. Pure. */
import { type Reason, reasons } from '../../api/names.ts';
import type { ServiceSpec } from '../../api/trading-pipeline.ts';
import { serviceSelector } from '../../compile/objects/service-monitor.ts';
import type { ObservedEndpoints, ObservedService } from '../observed.ts';

export interface ResolvedService {
  readonly name: string;
  /** Number of ready endpoints that serve the port. */
  readonly endpoints: number;
  readonly problem?: { readonly reason: Reason; readonly message: string };
}

interface NamespaceServices {
  readonly namespace: string;
  readonly services: Iterable<ObservedService>;
  readonly endpointsOf: (service: string) => Iterable<ObservedEndpoints>;
}

export function resolveService(spec: ServiceSpec, found: NamespaceServices): ResolvedService {
  const selector = serviceSelector(spec);
  const selected = [...found.services].filter((service) => isSelected(service.labels, selector));
  const serving = selected.filter((service) => service.ports.includes(spec.port));
  const problem = serviceNotFound(selected, selector, found.namespace) ?? portNotFound(selected, serving, spec);
  let endpoints = 0;
  for (const service of serving) {
    for (const slice of found.endpointsOf(service.name)) if (slice.ports.includes(spec.port)) endpoints += slice.ready;
  }
  return { name: spec.name, endpoints, ...(problem && { problem }) };
}

export function isSelected(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function serviceNotFound(
  selected: readonly ObservedService[],
  selector: Readonly<Record<string, string>>,
  namespace: string,
) {
  if (selected.length > 0) return undefined;
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  return {
    reason: reasons.serviceNotFound,
    message: `no Service in namespace ${namespace} has the labels ${labels.join(',')}`,
  };
}

function portNotFound(selected: readonly ObservedService[], serving: readonly ObservedService[], spec: ServiceSpec) {
  if (serving.length > 0) return undefined;
  const found = selected.map((service) => `${service.name} (${service.ports.join(', ') || 'no named port'})`);
  return { reason: reasons.portNotFound, message: `no port named ${spec.port} on Service ${found.join(', ')}` };
}
