import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPromql } from './check-promql.ts';

/** test/rules/custom-rules.test.ts checks that promtool agrees with checkPromql. */
describe('checkPromql', () => {
  it.each([
    ['sum(', 'does not parse: it ends too early'],
    ['foo bar', 'does not parse at position 5: unexpected "bar"'],
    ['rate(foo)', 'rate() takes a range such as [5m] here, not a vector, at position 6'],
    ['foo[5m]', 'is a range of samples: wrap it in a function such as rate() or max_over_time()'],
    ['nonsense(foo)', 'function nonsense is unknown, at position 1'],
    ['1 > 2', 'a comparison of two numbers needs bool, at position 3'],
    ['clamp(a, 1)', 'clamp() takes 3 arguments, not 2, at position 1'],
  ])('%s: says what is wrong and where', (expr, wrong) => {
    expect(checkPromql(expr)).toBe(wrong);
  });

  it('accepts a correct expression', () => {
    expect(checkPromql('sum by (job) (rate(x_total{a=~"b.*"}[5m])) / on (job) up > 0.1')).toBeUndefined();
  });

  it('returns a verdict for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => ['string', 'undefined'].includes(typeof checkPromql(text))),
    );
  });
});
