import { describe, expect, it } from 'vitest';
import { ClaimHolders } from './claim-holders.ts';
import { type Claimant, findLostServices, findQualifiedDashboards } from './claims.ts';

function claimant(index: number): Claimant {
  const metadata = {
    name: `tp-${index}`,
    namespace: `ns-${index % 3}`,
    uid: `uid-${index}`,
    creationTimestamp: `2026-01-01T00:00:${String((index * 7) % 20).padStart(2, '0')}Z`,
    deletionTimestamp: index % 11 === 0 ? '2026-01-02T00:00:00Z' : undefined,
  };
  return {
    pipeline: { apiVersion: '', kind: '', metadata },
    services: [`service-${index % 5}`, `service-${(index * 3) % 7}`],
    dashboards: index % 2 === 0 ? ['overview'] : [],
  };
}

describe('ClaimHolders', () => {
  it('leads to the same answers as a look at every other pipeline', () => {
    const all = Array.from({ length: 60 }, (_, index) => claimant(index));
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
