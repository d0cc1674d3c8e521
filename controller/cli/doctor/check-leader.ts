/** Is a controller alive now? The lease says so; where leader election is off there is none, and nothing is said. Pure. */
import type { Lease } from '../../kube/lease.ts';
import type { Answer } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

/** Clocks of machines differ: only a lease that is older than it lives by far is an old one. */
const CLOCK_SKEW_SECONDS = 30;

export function checkLeader(leases: Answer<readonly Lease[]>, now: Date): Finding[] {
  if ('error' in leases) return [unknown('controllerIdle', leases.error, 'Ask for the right to list leases')];
  return leases.value.map(({ metadata, spec }) => {
    const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 0 } = spec ?? {};
    const at = `Lease ${metadata.namespace}/${metadata.name}`;
    const age = Math.round((now.getTime() - Date.parse(renewTime)) / 1_000);
    if (holderIdentity !== '' && age <= leaseDurationSeconds + CLOCK_SKEW_SECONDS)
      return ok('controllerIdle', `the controller ${holderIdentity} leads (${at})`);
    const message = holderIdentity === '' ? 'is held by nobody' : `was last renewed ${age} s ago, by ${holderIdentity}`;
    return wrong(
      'controllerIdle',
      `${at} ${message}: no controller works`,
      'Start the controller; its log says why it ended',
    );
  });
}
