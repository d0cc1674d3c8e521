import { describe, expect, it } from 'vitest';
import { specOf } from '../../../test/support/spec-of.ts';
import { matchExternal } from './check-names.ts';
import { checkQuery } from './check-query.ts';
import { checkSteps } from './check-steps.ts';

const check = (expr: string, external: readonly string[] = []) => checkQuery(expr, matchExternal(external));

describe('checkQuery', () => {
  it.each([
    ['rate(batch_size_bucket{le="7"}[5m])', 'batch_size_bucket has no bucket le="7"; it has 1, 2, 5,'],
    ['rate(batch_size_bucket{le=~"7|8"}[5m])', 'batch_size_bucket has no bucket le=~"7|8"; it has'],
    ['sum(up) / sum(batch_size_bucket{job="x",le="5,0"})', '(at position 41)'],
    ['batch_size_bucket{le="inf"}', '500, +Inf (at position 19)'],
  ])('%s: names the buckets that exist', (expr, message) => {
    expect(check(expr)).toEqual({ reason: 'BucketNotFound', message: expect.stringContaining(message) });
  });

  it.each([
    'batch_size_bucket{le="5"}',
    'batch_size_bucket{le="5.0"}',
    'batch_size_bucket{le="+Inf"}',
    'batch_size_bucket{le=~"5|7"}',
    'batch_size_bucket{le=~".+"}',
    'batch_size_bucket{le!="7"}',
    'api_request_size_bytes_bucket{le="1e+06"} or api_request_size_bytes_bucket',
    'apiserver_request_duration_seconds_bucket{le="7"}',
  ])('accepts %s', (expr) => {
    expect(check(expr, ['api_*'])).toBeUndefined();
  });

  it('says nothing about the buckets of a metric that the resource lists as external', () => {
    expect(check('batch_size_bucket{le="7"}', ['batch_size_bucket'])).toBeUndefined();
  });

  it('keeps the answers of one list of external metrics apart from those of another', () => {
    for (let again = 0; again < 2; again++) {
      expect(check('my_total > 1')).toMatchObject({ reason: 'MetricNotFound' });
      expect(check('my_total > 1', ['my_*'])).toBeUndefined();
    }
  });

  it('answers for names of any length, and for more expressions than it keeps', () => {
    const long = `kube_${'x'.repeat(100_000)}`;
    const began = performance.now();
    expect(check(`${long} > 1`)).toBeUndefined();
    expect(check(`my${long} > 1`)?.message).toContain('list it under spec.externalMetrics');
    for (let n = 0; n < 30; n++) check(`up == ${n} # ${'x'.repeat(100_000)}`);
    expect(check('up ==')).toMatchObject({ reason: 'RuleDoesNotParse' });
    // The search took minutes when it compared whole names.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('checkSteps', () => {
  const custom = { total: 'up', good: 'up{job="a"}' };
  const spec = specOf({
    alerts: { custom: ['up == 0', 'nobody_emits_this > 1'].map((expr, n) => ({ alert: `A${n}`, expr })) },
    objectives: [{ name: 'pipeline-success' }, { name: 'mine', target: 90, indicator: { custom } }],
  });

  it('has one step for each alert and each indicator of the user', () => {
    expect([...checkSteps(spec)]).toHaveLength(3);
  });

  it('leaves the answers for the next check', () => {
    for (const step of checkSteps(spec)) step();
    const first = check('nobody_emits_this > 1');
    expect(first).toMatchObject({ reason: 'MetricNotFound' });
    // The same object: the answer was kept, not found again.
    expect(check('nobody_emits_this > 1')).toBe(first);
  });
});
