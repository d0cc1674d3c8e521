import { describe, expect, it } from 'vitest';
import { type Claimant, findLostServices, findQualifiedDashboards } from './claims.ts';

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
  return { pipeline: { apiVersion: '', kind: '', metadata }, services, dashboards };
}

describe('claims', () => {
  const older = claimant('z-older', '1');
  const younger = claimant('a-younger', '2');

  it('gives a service to the older resource of the namespace', () => {
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

  it('decides by name between two of the same second, so that both agree', () => {
    const [a, b] = [claimant('a', '1'), claimant('b', '1')];
    expect(findLostServices(a, [b])).toEqual([]);
    expect(findLostServices(b, [a])).toHaveLength(1);
  });

  it('counts neither other namespaces, nor other services, nor one that is being deleted', () => {
    const rivals = [
      claimant('x', '1', { namespace: 'other' }),
      claimant('y', '1', { services: ['celery-worker'] }),
      claimant('w', '1', { deletionTimestamp: '2026-01-03T00:00:00Z' }),
    ];
    expect(findLostServices(younger, rivals)).toEqual([]);
  });

  it('gives the plain dashboard to the oldest resource of the cluster', () => {
    const elsewhere = claimant('x', '1', { namespace: 'other' });
    expect([...findQualifiedDashboards(younger, [elsewhere])]).toEqual(['overview']);
    expect([...findQualifiedDashboards(elsewhere, [younger])]).toEqual([]);
  });
});
