import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { growth, quote, series } from './promql.ts';

describe('series', () => {
  it('writes one value as =, several as an anchored alternative', () => {
    expect(series('up', { job: 'backend', namespace: ['a'] })).toBe('up{job="backend",namespace="a"}');
    expect(series('up', { job: ['celery-worker', 'b.c'] })).toBe('up{job=~"celery-worker|b\\\\.c"}');
    expect(series('up', {})).toBe('up');
  });

  it('lets no value out of its quotes', () => {
    expect(quote('a"} or vector(1) #\n\\')).toBe('"a\\"} or vector(1) #\\n\\\\"');
  });

  it('is an expression with one selector, whatever the values', () => {
    const value = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(value, fc.array(value, { minLength: 1, maxLength: 3 }), (one, several) => {
        const expr = series('up', { a: one, b: several, c: 'x' });
        expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
      }),
    );
  });
});

describe('growth', () => {
  it('counts a newborn series whole and any other by its increase', () => {
    expect(growth('x_total{a="b"}', '5m')).toBe(
      '((x_total{a="b"} unless last_over_time(x_total{a="b"}[5m] offset 5m)) or increase(x_total{a="b"}[5m]))',
    );
  });
});
