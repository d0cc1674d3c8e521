/**
 * Decides which of several TradingPipelines gets a service or a dashboard that they all claim: the oldest. A
 * TradingPipeline claims the services that it lists, within its namespace, and the plain uid and title of its
 * dashboards, within the cluster. Also finds out whether the listed services exist, and how many ready endpoints each
 * has. Pure.
 */
import type { DashboardName } from '#catalogue/dashboards.ts';
import { type Reason, reasons } from '../../api/names.ts';
import type { ServiceSpec, TradingPipeline } from '../../api/trading-pipeline.ts';
import { serviceSelector } from '../../compile/objects/service-monitor.ts';
import { type ObservedEndpoints, type ObservedService, parsedSpec } from '../observed.ts';

export interface LostService {
  readonly service: string;
  /** Name of the TradingPipeline that holds the claim to the service. */
  readonly holder: string;
}

/** A TradingPipeline, and the services and dashboards that it claims. */
export interface Claimant {
  readonly resource: TradingPipeline;
  readonly services: readonly string[];
  readonly dashboards: readonly DashboardName[];
}

/** Returns the claims of a resource. A resource whose spec is invalid claims nothing. */
export function claimantOf(resource: TradingPipeline): Claimant {
  const parsed = parsedSpec(resource);
  const spec = 'spec' in parsed ? parsed.spec : undefined;
  const services = (spec?.services ?? []).map((service) => service.name);
  // The dashboards of a declared pipeline have the name of the TradingPipeline in their uid and title, so no other
  // TradingPipeline can claim them.
  const dashboards: readonly DashboardName[] = spec?.pipeline ? [] : (spec?.dashboards?.include ?? []);
  return { resource, services, dashboards };
}

/** Returns the services of `claimant` that an older resource in the same namespace also lists. */
export function findLostServices(claimant: Claimant, rivals: Iterable<Claimant>): LostService[] {
  const lost = new Map<string, Claimant>();
  for (const rival of rivals) {
    if (!isRival(claimant, rival) || rival.resource.metadata.namespace !== claimant.resource.metadata.namespace)
      continue;
    for (const service of claimant.services) {
      const holder = lost.get(service) ?? claimant;
      if (rival.services.includes(service) && isOlder(rival.resource, holder.resource)) lost.set(service, rival);
    }
  }
  return [...lost].map(([service, holder]) => ({ service, holder: holder.resource.metadata.name }));
}

/**
 * Returns the dashboards of `claimant` whose plain uid an older resource has. `claimant` gets these dashboards with its own
 * name in their uid and title.
 */
export function findQualifiedDashboards(claimant: Claimant, rivals: Iterable<Claimant>): Set<DashboardName> {
  const qualified = new Set<DashboardName>();
  for (const rival of rivals) {
    if (!isRival(claimant, rival) || !isOlder(rival.resource, claimant.resource)) continue;
    for (const name of claimant.dashboards) if (rival.dashboards.includes(name)) qualified.add(name);
  }
  return qualified;
}

/**
 * An index of all claims and their holders. A reconcile looks up the claims of its TradingPipeline here instead of
 * comparing it with every other TradingPipeline. Build a new index whenever any TradingPipeline changes its claims.
 */
export class ClaimHolders {
  /** The oldest claimant that is not being deleted, keyed by the claim. */
  readonly #holders = new Map<string, Claimant>();

  constructor(claimants: Iterable<Claimant>) {
    for (const claimant of claimants) {
      if (claimant.resource.metadata.deletionTimestamp) continue;
      for (const claim of claimsOf(claimant)) {
        const holder = this.#holders.get(claim);
        if (!holder || isOlder(claimant.resource, holder.resource)) this.#holders.set(claim, claimant);
      }
    }
  }

  /** Returns the claimants that hold any claim of `claimant`. `claimant` itself may be among them. */
  of(claimant: Claimant): Set<Claimant> {
    const holders = claimsOf(claimant).flatMap((claim) => this.#holders.get(claim) ?? []);
    return new Set(holders);
  }
}

function claimsOf({ resource, services, dashboards }: Claimant): string[] {
  const { namespace = '' } = resource.metadata;
  return [
    ...services.map((service) => `service ${namespace}/${service}`),
    ...dashboards.map((name) => `dashboard ${name}`),
  ];
}

/** Returns whether `rival` is another resource that may hold claims. A resource that is being deleted gives up its claims. */
function isRival(claimant: Claimant, rival: Claimant): boolean {
  return rival.resource.metadata.uid !== claimant.resource.metadata.uid && !rival.resource.metadata.deletionTimestamp;
}

function isOlder(one: TradingPipeline, other: TradingPipeline): boolean {
  return ageKey(one) < ageKey(other);
}

/**
 * Creation times have a resolution of one second. If two are equal, namespace and name decide, with the same result for both
 * resources.
 */
function ageKey({ metadata }: TradingPipeline): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid ?? ''}`;
}

/** A service that a TradingPipeline lists, as it was found in the cluster. */
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
