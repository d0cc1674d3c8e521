/**
 * Who has what, of all pipelines at once, so that a reconcile need not look at every other. Pure; made anew when a pipeline
 * asks for something else.
 */
import { type Claimant, isOlder } from './claims.ts';

export class ClaimHolders {
  /** The oldest that asks for it, and is not being deleted. */
  readonly #holders = new Map<string, Claimant>();

  constructor(claimants: Iterable<Claimant>) {
    for (const claimant of claimants) {
      if (claimant.pipeline.metadata.deletionTimestamp) continue;
      for (const claim of claimsOf(claimant)) {
        const holder = this.#holders.get(claim);
        if (!holder || isOlder(claimant.pipeline, holder.pipeline)) this.#holders.set(claim, claimant);
      }
    }
  }

  /** Everyone who has something that `claimant` asks for; perhaps itself. */
  of(claimant: Claimant): Set<Claimant> {
    const holders = claimsOf(claimant).flatMap((claim) => this.#holders.get(claim) ?? []);
    return new Set(holders);
  }
}

/** A service is claimed in its namespace, a dashboard in the cluster. */
function claimsOf({ pipeline, services, dashboards }: Claimant): string[] {
  const { namespace = '' } = pipeline.metadata;
  return [
    ...services.map((service) => `service ${namespace}/${service}`),
    ...dashboards.map((name) => `dashboard ${name}`),
  ];
}
