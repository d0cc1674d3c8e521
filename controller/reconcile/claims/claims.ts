/**
 * Which of several resources gets a service or a dashboard that they all ask for: the oldest. Pure. A service is claimed
 * within its namespace; the plain uid and title of a dashboard are claimed within the cluster.
 */
import type { DashboardName } from '#catalogue/dashboards.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import { parsedSpec } from '../parsed-resource.ts';

export interface LostService {
  readonly service: string;
  /** Name of the TradingPipeline that has the service. */
  readonly holder: string;
}

/** A resource and what it claims. */
export interface Claimant {
  readonly resource: TradingPipeline;
  readonly services: readonly string[];
  readonly dashboards: readonly DashboardName[];
}

/** A resource whose spec is invalid claims nothing. */
export function claimantOf(resource: TradingPipeline): Claimant {
  const parsed = parsedSpec(resource);
  const spec = 'spec' in parsed ? parsed.spec : undefined;
  const services = (spec?.services ?? []).map((service) => service.name);
  // The dashboards of a declared pipeline carry its name, so nobody else can claim them.
  const dashboards: readonly DashboardName[] = spec?.pipeline ? [] : (spec?.dashboards?.include ?? []);
  return { resource, services, dashboards };
}

/** The services of `claimant` that an older resource of its namespace lists. */
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

/** The dashboards whose plain uid an older resource has: `claimant` gets them under a uid with its own name in it. */
export function findQualifiedDashboards(claimant: Claimant, rivals: Iterable<Claimant>): Set<DashboardName> {
  const qualified = new Set<DashboardName>();
  for (const rival of rivals) {
    if (!isRival(claimant, rival) || !isOlder(rival.resource, claimant.resource)) continue;
    for (const name of claimant.dashboards) if (rival.dashboards.includes(name)) qualified.add(name);
  }
  return qualified;
}

/**
 * Who holds what, over all resources. A reconcile looks its own claims up here instead of comparing itself with every
 * other resource. Build a new one whenever any resource changes its claims.
 */
export class ClaimHolders {
  /** By claim: the oldest claimant that is not being deleted. */
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

  /** The claimants that hold anything `claimant` claims; it may be among them. */
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

/** A resource that is being deleted gives up its claims. */
function isRival(claimant: Claimant, rival: Claimant): boolean {
  return rival.resource.metadata.uid !== claimant.resource.metadata.uid && !rival.resource.metadata.deletionTimestamp;
}

function isOlder(one: TradingPipeline, other: TradingPipeline): boolean {
  return ageKey(one) < ageKey(other);
}

/** Creation times have whole seconds: namespace and name break a tie the same way for both resources. */
function ageKey({ metadata }: TradingPipeline): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid ?? ''}`;
}
