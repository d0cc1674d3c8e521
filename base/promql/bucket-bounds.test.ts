import { describe, expect, it } from 'vitest';
import { readBucketMatchers, spellBounds, spellingsOf } from './bucket-bounds.ts';
import { checkPromql } from './check-promql.ts';

describe('spellingsOf', () => {
  it.each([
    ['5', ['5', '5.0']],
    ['5.0', ['5.0', '5']],
    ['0.25', ['0.25']],
    ['1000000', ['1000000', '1e+06']],
    ['1048576', ['1048576', '1.048576e+06']],
    ['100000', ['100000', '100000.0']],
    ['0.00001', ['0.00001', '1e-05']],
    ['0', ['0', '0.0']],
    ['+Inf', ['+Inf']],
    ['', ['']],
    ['five', ['five']],
  ])('%s: returns every way to write the number', (text, spellings) => {
    expect(spellingsOf(text).sort()).toEqual([...spellings].sort());
  });
});

describe('spellBounds', () => {
  it.each([
    ['a_bucket{le="5"} > 1', 'a_bucket{le=~"5|5\\\\.0"} > 1'],
    ["sum(rate(a_bucket{x='le', le = '5.0',y!=\"\"}[5m]))", 'sum(rate(a_bucket{x=\'le\', le=~"5\\\\.0|5",y!=""}[5m]))'],
    ['a_bucket{le="1"} / b_bucket{le="2"}', 'a_bucket{le=~"1|1\\\\.0"} / b_bucket{le=~"2|2\\\\.0"}'],
    ['a_bucket{le="1",}', 'a_bucket{le=~"1|1\\\\.0",}'],
    ['a_bucket{ # why\n  le="1" }', 'a_bucket{ # why\n  le=~"1|1\\\\.0" }'],
    ['a{quantile="1"}', 'a{quantile=~"1|1\\\\.0"}'],
  ])('%s: matches every spelling', (expr, spelled) => {
    expect(spellBounds(expr)).toBe(spelled);
    expect(checkPromql(spelled)).toBeUndefined();
    expect(spellBounds(spelled)).toBe(spelled);
  });

  it.each([
    'a_bucket{le="0.5"}',
    'a_bucket{le="+Inf"}',
    'a_bucket{le!="5"}',
    'a_bucket{le=~"5"}',
    'a{level="5"}',
    'sum by (le) (a_bucket)',
    'up == 0',
  ])('leaves %s as it is', (expr) => {
    expect(spellBounds(expr)).toBe(expr);
  });
});

describe('readBucketMatchers', () => {
  const read = (expr: string) => readBucketMatchers(expr).map(({ metric, text, bounds }) => [metric, text, bounds]);

  it.each([
    ['a_bucket{le="5",x="y"}', [['a_bucket', 'le="5"', ['5']]]],
    ['a_bucket{le=~"5|10"}', [['a_bucket', 'le=~"5|10"', ['5', '10']]]],
    ['a_bucket{le=~"5(\\\\.0)?|2\\\\.5"}', [['a_bucket', 'le=~"5(\\\\.0)?|2\\\\.5"', ['5', '2.5']]]],
    ['a_bucket{le=~"5.*"}', [['a_bucket', 'le=~"5.*"', undefined]]],
    ['a_bucket{le!="5"}', [['a_bucket', 'le!="5"', undefined]]],
    ['a_count{le="5"} + b{x="1"}', []],
  ])('%s', (expr, found) => {
    expect(read(expr)).toEqual(found);
  });
});
