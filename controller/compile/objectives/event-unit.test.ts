import { describe, expect, it } from 'vitest';
import { specOf } from '../../../test/support/spec-of.ts';
import { compile } from '../compile.ts';
import { unitOf } from './event-unit.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

/** Compiles an objective with these events; returns the expression that counts all events, and the problems. */
function count(custom: object) {
  const objectives = [{ name: 'mine', target: 99, indicator: { custom } }];
  const { customRules, rejectedRules } = compile({ owner, spec: specOf({ objectives, externalMetrics: ['my_*'] }) });
  return { exprs: customRules.map(({ expr }) => expr), rejected: rejectedRules };
}

const total = 'sum(increase(signals_consumed_total[$window]))';

describe('the unit of custom events', () => {
  it('makes a rate the number of events in a minute, as increase() does', () => {
    const rates = (what: string) => `sum(rate(signals_consumed_total${what}[$window]))`;
    const byRate = count({ total: rates(''), bad: rates('{signal_type="rsi"}') });
    const byIncrease = count({ total, bad: 'sum(increase(signals_consumed_total{signal_type="rsi"}[$window]))' });
    expect([byRate.rejected, byIncrease.rejected]).toEqual([[], []]);
    // 300 events in five minutes: rate() is 1, increase() is 300, and both are 60 in a minute.
    expect(byRate.exprs[0]).toBe('sum(\nsum(rate(signals_consumed_total[5m]))\n) * 60');
    expect(byIncrease.exprs[0]).toBe('sum(\nsum(increase(signals_consumed_total[5m]))\n) / 5');
    expect(byRate.exprs[1]).toContain('[5m]))\n) * 60');
  });

  it.each([
    ['a gauge', { total: 'pipeline_cache_size', bad: 'signals_rejected_total' }, 'total', /^is a gauge/],
    [
      'increase() of a gauge',
      { total: 'increase(pipeline_cache_size[$window])', bad: 'my_a' },
      'total',
      /\[\$window\]\) counts nothing/,
    ],
    [
      'the level of a gauge',
      { total, bad: 'max_over_time(pipeline_cache_size[$window])' },
      'bad',
      /^is a value that rises and falls/,
    ],
    [
      'a counter since its start',
      { total, bad: 'sum(signals_rejected_total) # $window' },
      'bad',
      /since its process began/,
    ],
    ['a ratio', { total, good: 'sum(rate(my_a[$window])) / sum(rate(my_b[$window]))' }, 'good', /^is a ratio/],
    ['a constant', { total: 'vector(1) # $window', bad: 'my_a' }, 'total', /^is a constant/],
    ['a mixture', { total: 'rate(my_a[$window]) + increase(my_b[$window])', bad: 'my_a' }, 'total', /mixes/],
  ])('refuses %s, names the field, and says what to write', (_what, custom, field, message) => {
    expect(count(custom).rejected).toMatchObject([
      {
        reason: 'NotEvents',
        path: `spec.objectives[name=mine].indicator.custom.${field}`,
        message: expect.stringMatching(message),
      },
    ]);
    expect(count(custom).rejected[0]?.message).toMatch(/; write .*increase\(my_requests_total\[\$window\]\)$/);
  });

  it.each([
    ['increase(my_a[5m])', 'events'],
    ['sum(increase(my_a[5m]) or vector(0))', 'events'],
    ['sum_over_time(up[5m])', 'events'],
    ['count_over_time(probe_success[5m])', 'events'],
    ['my_total - my_total offset 5m', 'events'],
    ['clamp_min(increase(my_a[5m]) - increase(my_b[5m]), 0)', 'events'],
    ['increase(my_a[5m]) * 2', 'events'],
    ['increase(my_a[5m]) > 3', 'events'],
    ['sum by (job) (irate(my_a[5m]))', 'rate'],
    ['label_replace(rate(my_a[5m]), "a", "b", "", "")', 'rate'],
    ['rate(my_a[5m]) unless my_b', 'rate'],
    ['rate(my_a[5m]) * 300', 'unknown'],
    ['count(increase(my_a[5m]) > 0)', 'unknown'],
    ['my_a', 'unknown'],
    ['histogram_quantile(0.9, rate(my_bucket[5m]))', 'level'],
    ['delta(my_a[5m])', 'level'],
  ])('%s is %s', (expr, unit) => {
    expect(unitOf(expr)).toBe(unit);
  });

  it('keeps the last valid rules while events are none', () => {
    const good = compile({
      owner,
      spec: specOf({
        objectives: [{ name: 'mine', target: 99, indicator: { custom: { total, bad: 'signals_rejected_total' } } }],
      }),
    });
    const custom = { total: 'pipeline_cache_size', bad: 'signals_rejected_total' };
    const bad = compile({
      owner,
      spec: specOf({ objectives: [{ name: 'mine', target: 99, indicator: { custom } }] }),
      lastGoodRules: good.customRules,
    });
    expect(bad.rejectedRules).toMatchObject([{ reason: 'NotEvents', lastGoodKept: true }]);
    expect(bad.objects).toEqual(good.objects);
  });
});
