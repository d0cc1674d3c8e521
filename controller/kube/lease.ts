/**
 * Who leads, decided from a Lease. Pure: times are passed in. Clocks of machines differ, so a lease counts as run out only
 * when it has not changed for its whole duration by the clock of the one who asks.
 */
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import { resources } from '../api/resources.ts';

export interface LeaseSpec {
  /** Empty when the last leader let go. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** ISO 8601 with microseconds. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** A lease, and when this version of it was first seen, by the clock of the one who asks. */
export interface SeenLease {
  readonly lease: Lease;
  readonly sinceMs: number;
}

export type LeaseDecision =
  /** Nobody has made it yet. */
  | 'create'
  /** Ours: go on. */
  | 'renew'
  /** Let go or run out: take it over. */
  | 'take'
  /** Somebody else's. */
  | 'wait';

export function decideLease(seen: SeenLease | undefined, identity: string, nowMs: number): LeaseDecision {
  if (!seen) return 'create';
  const { holderIdentity = '', leaseDurationSeconds = 0 } = seen.lease.spec ?? {};
  if (holderIdentity === identity) return 'renew';
  const ranOut = nowMs - seen.sinceMs >= leaseDurationSeconds * 1_000;
  return holderIdentity === '' || ranOut ? 'take' : 'wait';
}

/** A lease counts from when this version of it was first seen: renewing makes a new version. */
export function seeLease(before: SeenLease | undefined, lease: Lease, nowMs: number): SeenLease {
  const same = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return { lease, sinceMs: same && before ? before.sinceMs : nowMs };
}

export interface LeaseClaim {
  readonly at: Required<ObjectName>;
  readonly identity: string;
  readonly durationMs: number;
  readonly now: Date;
}

/** The lease as its holder writes it. It carries the version it was made from, so that of two who take it one fails. */
export function buildHeldLease({ at, identity, durationMs, now }: LeaseClaim, before: Lease | undefined): Lease {
  const renewTime = microTime(now);
  const isOurs = before?.spec?.holderIdentity === identity;
  const transitions = before?.spec?.leaseTransitions ?? 0;
  return buildLease(at, before, {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1_000)),
    acquireTime: (isOurs && before?.spec?.acquireTime) || renewTime,
    renewTime,
    leaseTransitions: isOurs || !before ? transitions : transitions + 1,
  });
}

/** The lease as its holder lets go of it: anybody may take it at once. */
export function buildReleasedLease(before: Lease, now: Date): Lease {
  const { namespace = '', name } = before.metadata;
  const time = microTime(now);
  const { leaseTransitions = 0 } = before.spec ?? {};
  const spec = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time, leaseTransitions };
  return buildLease({ namespace, name }, before, spec);
}

function buildLease(at: Required<ObjectName>, before: Lease | undefined, spec: LeaseSpec): Lease {
  const { apiVersion, kind } = resources.lease;
  const { resourceVersion, labels } = before?.metadata ?? {};
  return { apiVersion, kind, metadata: { ...at, resourceVersion, labels }, spec };
}

/** A time as a Lease wants it: six digits after the point. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
