import { describe, expect, it } from 'vitest';
import { resources } from '../../api/kube-object.ts';
import { checkLeader } from './check-leader.ts';

const { apiVersion, kind } = resources.lease;
const verdictAfter = (seconds: number, holderIdentity = 'one') => {
  const spec = { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' };
  const lease = { apiVersion, kind, metadata: { namespace: 'a', name: 'b' }, spec };
  return checkLeader({ value: [lease] }, new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1_000))[0];
};

describe('checkLeader', () => {
  it('accepts a Lease that its holder renews', () => {
    expect(verdictAfter(10)).toMatchObject({ verdict: 'ok', message: 'the controller one leads (Lease a/b)' });
  });

  it('reports a Lease that is not renewed, but allows for clocks that differ by 30 s', () => {
    expect(verdictAfter(45)?.verdict).toBe('ok');
    expect(verdictAfter(46)).toMatchObject({ verdict: 'wrong', case: 'controllerIdle' });
    expect(verdictAfter(46)?.message).toContain('was last renewed 46 s ago, by one');
  });

  it('reports a Lease that nobody holds', () => {
    expect(verdictAfter(1, '')?.message).toContain('is held by nobody');
  });

  it('reports nothing if there is no Lease', () => {
    expect(checkLeader({ value: [] }, new Date(0))).toEqual([]);
  });
});
