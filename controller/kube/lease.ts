/**
 * Decides from a Lease what this process does next: lead or wait. Pure: times are passed in. The times in a Lease are
 * never compared, because the clocks of machines differ. A Lease has expired once it has not changed for its whole
 * duration, by the clock of the process that reads the Lease.
 */
import { type KubeObject, type ObjectName, resources } from '../api/kube-object.ts';

export interface LeaseSpec {
  /** Name of the process that leads; empty if the last leader released the Lease. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** When the holder took the Lease, in ISO 8601 with microseconds. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** A Lease, and the time when this process first saw this version of the Lease, by its own monotonic clock. */
export interface SeenLease {
  readonly lease: Lease;
  readonly sinceMs: number;
}

export type LeaseDecision =
  /** There is no Lease yet. */
  | 'create'
  /** This process holds the Lease. */
  | 'renew'
  /** The Lease was released or has expired. */
  | 'take'
  /** Another process holds the Lease. */
  | 'wait';

export function decideLease(seen: SeenLease | undefined, identity: string, nowMs: number): LeaseDecision {
  if (!seen) return 'create';
  const { holderIdentity = '', leaseDurationSeconds = 0 } = seen.lease.spec ?? {};
  if (holderIdentity === identity) return 'renew';
  const ranOut = nowMs - seen.sinceMs >= leaseDurationSeconds * 1_000;
  return holderIdentity === '' || ranOut ? 'take' : 'wait';
}

/**
 * Combines a Lease with the time when its version was first seen. The age of a Lease counts from that time, because each
 * renewal changes the version.
 */
export function seeLease(before: SeenLease | undefined, lease: Lease, nowMs: number): SeenLease {
  const same = before?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return { lease, sinceMs: same && before ? before.sinceMs : nowMs };
}

interface LeaseClaim {
  readonly at: Required<ObjectName>;
  readonly identity: string;
  readonly durationMs: number;
  readonly now: Date;
}

/**
 * Builds the Lease as its holder writes it, with the resourceVersion of the Lease that it replaces. If two processes take the
 * Lease at once, one of the two writes therefore fails.
 */
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

/** Builds the Lease as its holder releases it. Any process may then take the Lease at once. */
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

/** Formats a time as Kubernetes' MicroTime, with six digits after the decimal point of the seconds. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
