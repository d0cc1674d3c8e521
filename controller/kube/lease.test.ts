import { describe, expect, it } from 'vitest';
import { buildHeldLease, buildReleasedLease, decideLease, type Lease, type LeaseSpec, seeLease } from './lease.ts';

const at = { namespace: 'desk', name: 'controller' };
const lease = (spec: LeaseSpec, resourceVersion = '1'): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { ...at, resourceVersion },
  spec,
});
const held = lease({ holderIdentity: 'a', leaseDurationSeconds: 15 });

describe('decideLease', () => {
  it.each([
    ['there is none', undefined, 'b', 0, 'create'],
    ['it is ours, however old', held, 'a', 99_000, 'renew'],
    ['somebody has it', held, 'b', 14_999, 'wait'],
    ['it has not changed for its duration', held, 'b', 15_000, 'take'],
    ['it was let go', lease({ holderIdentity: '', leaseDurationSeconds: 15 }), 'b', 0, 'take'],
    ['it says nothing', lease({}), 'b', 0, 'take'],
  ] as const)('when %s', (_when, seen, identity, nowMs, decision) => {
    expect(decideLease(seen && { lease: seen, sinceMs: 0 }, identity, nowMs)).toBe(decision);
  });

  it('counts from when a version was first seen, never by the clock of another machine', () => {
    const first = seeLease(undefined, held, 1_000);
    const same = seeLease(first, held, 9_000);
    const renewed = seeLease(same, lease({ holderIdentity: 'a', leaseDurationSeconds: 15 }, '2'), 9_000);
    expect([same.sinceMs, renewed.sinceMs]).toEqual([1_000, 9_000]);
  });
});

describe('a lease as it is written', () => {
  const claim = { at, identity: 'b', durationMs: 1_500, now: new Date('2026-01-01T00:00:00.123Z') };

  it('carries the version it was made from, and counts who led', () => {
    const taken = buildHeldLease(claim, lease({ holderIdentity: 'a', acquireTime: 'then', leaseTransitions: 4 }, '7'));
    expect(taken.metadata.resourceVersion).toBe('7');
    expect(taken.spec).toEqual({
      holderIdentity: 'b',
      leaseDurationSeconds: 2,
      acquireTime: '2026-01-01T00:00:00.123000Z',
      renewTime: '2026-01-01T00:00:00.123000Z',
      leaseTransitions: 5,
    });
  });

  it('keeps when it was taken while it is renewed', () => {
    const renewed = buildHeldLease(claim, lease({ holderIdentity: 'b', acquireTime: 'then', leaseTransitions: 4 }));
    expect(renewed.spec).toMatchObject({ acquireTime: 'then', leaseTransitions: 4 });
  });

  it('is anybody’s once it is let go', () => {
    const released = buildReleasedLease(buildHeldLease(claim, undefined), claim.now);
    expect(decideLease({ lease: released, sinceMs: 0 }, 'c', 0)).toBe('take');
  });
});
