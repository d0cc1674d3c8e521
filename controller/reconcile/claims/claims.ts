/**
 * Who may have what when two resources ask for the same: the older. Pure. A service is claimed within its namespace; the
 * plain uid and title of a dashboard within the cluster.
 */
import type { DashboardName } from '#catalogue/dashboards.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';

export interface LostService {
  readonly service: string;
  /** Name of the TradingPipeline that has it. */
  readonly holder: string;
}

/** A pipeline with what it asks for. */
export interface Claimant {
  readonly pipeline: TradingPipeline;
  readonly services: readonly string[];
  readonly dashboards: readonly DashboardName[];
}

/** The services of `claimant` that an older resource of its namespace lists. */
export function findLostServices(claimant: Claimant, rivals: Iterable<Claimant>): LostService[] {
  const lost = new Map<string, Claimant>();
  for (const rival of rivals) {
    if (!isRival(claimant, rival) || rival.pipeline.metadata.namespace !== claimant.pipeline.metadata.namespace)
      continue;
    for (const service of claimant.services) {
      const holder = lost.get(service) ?? claimant;
      if (rival.services.includes(service) && isOlder(rival.pipeline, holder.pipeline)) lost.set(service, rival);
    }
  }
  return [...lost].map(([service, holder]) => ({ service, holder: holder.pipeline.metadata.name }));
}

/** The dashboards of `claimant` that an older resource has under the plain uid. */
export function findQualifiedDashboards(claimant: Claimant, rivals: Iterable<Claimant>): Set<DashboardName> {
  const qualified = new Set<DashboardName>();
  for (const rival of rivals) {
    if (!isRival(claimant, rival) || !isOlder(rival.pipeline, claimant.pipeline)) continue;
    for (const name of claimant.dashboards) if (rival.dashboards.includes(name)) qualified.add(name);
  }
  return qualified;
}

/** One that is being deleted gives up what it has. */
function isRival(claimant: Claimant, rival: Claimant): boolean {
  return rival.pipeline.metadata.uid !== claimant.pipeline.metadata.uid && !rival.pipeline.metadata.deletionTimestamp;
}

/** Two that were created in the same second are ordered by namespace and name, so that all agree. */
export function isOlder(one: TradingPipeline, other: TradingPipeline): boolean {
  return ageKey(one) < ageKey(other);
}

function ageKey({ metadata }: TradingPipeline): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid ?? ''}`;
}
