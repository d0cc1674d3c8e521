/**
 * Checks that a controller holds its Lease and renews it. Returns no finding if there is no Lease, because leader election is
 * then off. Pure.
 */
import type { Lease } from '../../kube/lease.ts';
import type { Answer } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

/** Tolerance for clocks of two machines that differ: a Lease counts as expired only this long after its duration. */
const CLOCK_SKEW_SECONDS = 30;

export function checkLeader(leases: Answer<readonly Lease[]>, now: Date): Finding[] {
  if ('error' in leases) return [unknown('controllerIdle', leases.error, 'Ask for permission to list leases')];
  return leases.value.map(({ metadata, spec }) => {
    const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 0 } = spec ?? {};
    const at = `Lease ${metadata.namespace}/${metadata.name}`;
    const age = Math.round((now.getTime() - Date.parse(renewTime)) / 1_000);
    if (holderIdentity !== '' && age <= leaseDurationSeconds + CLOCK_SKEW_SECONDS)
      return ok('controllerIdle', `the controller ${holderIdentity} leads (${at})`);
    const message = holderIdentity === '' ? 'is held by nobody' : `was last renewed ${age} s ago, by ${holderIdentity}`;
    return wrong(
      'controllerIdle',
      `${at} ${message}: no controller is at work`,
      'Start the controller. The log of the last one says why it ended',
    );
  });
}
