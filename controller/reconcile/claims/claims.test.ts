import { describe, expect, it } from 'vitest';
import { type Claimant, ClaimHolders, findLostServices, findQualifiedDashboards } from './claims.ts';

function claimant(
  name: string,
  created: string,
  more: Partial<Claimant> & { namespace?: string; deletionTimestamp?: string } = {},
): Claimant {
  const { namespace = 'desk', deletionTimestamp, services = ['backend'], dashboards = ['overview'] } = more;
  const metadata = {
    name,
    namespace,
    uid: `uid-${namespace}-${name}`,
    creationTimestamp: `2026-01-0${created}T00:00:00Z`,
    deletionTimestamp,
  };
  return { resource: { apiVersion: '', kind: '', metadata }, services, dashboards };
}

describe('findLostServices and findQualifiedDashboards', () => {
  const older = claimant('z-older', '1');
  const younger = claimant('a-younger', '2');

  it('gives a service to the older of two resources in the namespace', () => {
    expect(findLostServices(younger, [older, younger])).toEqual([{ service: 'backend', holder: 'z-older' }]);
    expect(findLostServices(older, [older, younger])).toEqual([]);
  });

  it('names the oldest of several holders, whatever their order', () => {
    const middle = claimant('middle', '2');
    const youngest = claimant('youngest', '3');
    for (const rivals of [
      [older, middle],
      [middle, older],
    ]) {
      expect(findLostServices(youngest, rivals)).toEqual([{ service: 'backend', holder: 'z-older' }]);
    }
  });

  it('decides by name between two resources created in the same second, with the same result for both', () => {
    const [a, b] = [claimant('a', '1'), claimant('b', '1')];
    expect(findLostServices(a, [b])).toEqual([]);
    expect(findLostServices(b, [a])).toHaveLength(1);
  });

  it('ignores rivals in other namespaces, with other services, and rivals that are being deleted', () => {
    const rivals = [
      claimant('x', '1', { namespace: 'other' }),
      claimant('y', '1', { services: ['celery-worker'] }),
      claimant('w', '1', { deletionTimestamp: '2026-01-03T00:00:00Z' }),
    ];
    expect(findLostServices(younger, rivals)).toEqual([]);
  });

  it('gives the plain dashboard to the oldest resource in the cluster', () => {
    const elsewhere = claimant('x', '1', { namespace: 'other' });
    expect([...findQualifiedDashboards(younger, [elsewhere])]).toEqual(['overview']);
    expect([...findQualifiedDashboards(elsewhere, [younger])]).toEqual([]);
  });
});

function numbered(index: number): Claimant {
  const metadata = {
    name: `tp-${index}`,
    namespace: `ns-${index % 3}`,
    uid: `uid-${index}`,
    creationTimestamp: `2026-01-01T00:00:${String((index * 7) % 20).padStart(2, '0')}Z`,
    deletionTimestamp: index % 11 === 0 ? '2026-01-02T00:00:00Z' : undefined,
  };
  return {
    resource: { apiVersion: '', kind: '', metadata },
    services: [`service-${index % 5}`, `service-${(index * 3) % 7}`],
    dashboards: index % 2 === 0 ? ['overview'] : [],
  };
}

describe('ClaimHolders', () => {
  it('gives the same results as a comparison with every other resource', () => {
    const all = Array.from({ length: 60 }, (_, index) => numbered(index));
    const holders = new ClaimHolders(all);
    let lost = 0;
    for (const one of all) {
      const expected = findLostServices(one, all);
      expect(findLostServices(one, holders.of(one)).sort(byService)).toEqual(expected.sort(byService));
      expect(findQualifiedDashboards(one, holders.of(one))).toEqual(findQualifiedDashboards(one, all));
      lost += expected.length;
    }
    expect(lost).toBeGreaterThan(20);
  });
});

function byService(one: { service: string }, other: { service: string }): number {
  return one.service < other.service ? -1 : 1;
}
