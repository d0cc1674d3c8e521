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
    ['there is no Lease', undefined, 'b', 0, 'create'],
    ['we hold it, however old it is', held, 'a', 99_000, 'renew'],
    ['another process holds it', held, 'b', 14_999, 'wait'],
    ['it has not changed for its duration', held, 'b', 15_000, 'take'],
    ['it was released', lease({ holderIdentity: '', leaseDurationSeconds: 15 }), 'b', 0, 'take'],
    ['its spec is empty', lease({}), 'b', 0, 'take'],
  ] as const)('when %s', (_when, seen, identity, nowMs, decision) => {
    expect(decideLease(seen && { lease: seen, sinceMs: 0 }, identity, nowMs)).toBe(decision);
  });

  it('counts the age of a Lease from the first sight of its version, not from the times in it', () => {
    const first = seeLease(undefined, held, 1_000);
    const same = seeLease(first, held, 9_000);
    const renewed = seeLease(same, lease({ holderIdentity: 'a', leaseDurationSeconds: 15 }, '2'), 9_000);
    expect([same.sinceMs, renewed.sinceMs]).toEqual([1_000, 9_000]);
  });
});

describe('a Lease as it is written', () => {
  const claim = { at, identity: 'b', durationMs: 1_500, now: new Date('2026-01-01T00:00:00.123Z') };

  it('contains the resourceVersion of the Lease that it replaces, and counts the change of leader', () => {
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

  it('keeps acquireTime and transitions when it is renewed', () => {
    const renewed = buildHeldLease(claim, lease({ holderIdentity: 'b', acquireTime: 'then', leaseTransitions: 4 }));
    expect(renewed.spec).toMatchObject({ acquireTime: 'then', leaseTransitions: 4 });
  });

  it('can be taken at once after its release', () => {
    const released = buildReleasedLease(buildHeldLease(claim, undefined), claim.now);
    expect(decideLease({ lease: released, sinceMs: 0 }, 'c', 0)).toBe('take');
  });
});
