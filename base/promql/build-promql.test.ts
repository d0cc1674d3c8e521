import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, escapeRegExp, orElse, quote, series } from './build-promql.ts';
import { checkPromql } from './check-promql.ts';
import { growth } from './count-growth.ts';

/**
 * Label values that could break out of their quotes. test/rules/hostile-values.test.ts runs promtool to check that
 * Prometheus reads them unchanged.
 */
const hostile = [
  '"',
  "'",
  '`',
  '\\',
  '\n',
  '\r\n',
  '"} or vector(1) #',
  '.*',
  'a|b',
  '^(x)+?$',
  '[a-z]{2}',
  '{{ $value }}',
];

/** Returns the names of all syntax nodes of an expression, in order. A label value must not change this list. */
function shapeOf(expr: string): string {
  const shape: string[] = [];
  parser.parse(expr).iterate({ enter: ({ name }: SyntaxNodeRef) => void shape.push(name) });
  return shape.join(' ');
}

describe('series', () => {
  it('writes one value as =, several as an anchored alternative, an expression as it is', () => {
    expect(series('up', { job: 'backend', namespace: ['a'] })).toBe('up{job="backend",namespace="a"}');
    expect(series('up', { job: ['celery-worker', 'b.c'] })).toBe('up{job=~"celery-worker|b\\\\.c"}');
    expect(series('up', { job: { matches: 'a\\.b|c"' } })).toBe('up{job=~"a\\\\.b|c\\""}');
    expect(series('up', {})).toBe('up');
    expect(series('up', { job: undefined, pod: 'p' })).toBe('up{pod="p"}');
  });

  it.each(hostile)('keeps the value %j in its quotes, alone and in a list', (value) => {
    for (const match of [value, [value], [value, 'b']]) {
      const expr = series('up', { a: match, c: 'x' });
      const plain = series('up', { a: typeof match === 'string' ? 'v' : match.map(() => 'v'), c: 'x' });
      expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
      expect(shapeOf(expr)).toBe(shapeOf(plain));
    }
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

describe('quote', () => {
  it('escapes backslashes, quotes and line breaks', () => {
    expect(quote('a"} or vector(1) #\n\\\r')).toBe('"a\\"} or vector(1) #\\n\\\\\\r"');
  });
});

describe('escapeRegExp', () => {
  it.each(hostile)('matches exactly %j and no other of the hostile values', (value) => {
    const pattern = new RegExp(`^(?:${escapeRegExp(value)})$`);
    expect(hostile.filter((other) => pattern.test(other))).toEqual([value]);
  });
});

describe('aggregate', () => {
  it('names the labels that are kept, if any', () => {
    expect(aggregate('max', 'up')).toBe('max(up)');
    expect(aggregate('sum', 'up', ['job', 'pod'])).toBe('sum by (job, pod) (up)');
  });
});

describe('orElse', () => {
  it('returns the number where there is no series', () => {
    expect(orElse('sum(up)', 0)).toBe('(sum(up) or vector(0))');
  });
});

describe('growth', () => {
  it('counts a newborn series whole and any other by its increase', () => {
    expect(growth('x_total{a="b"}', '5m')).toBe(
      '((x_total{a="b"} unless last_over_time(x_total{a="b"}[5m] offset 5m)) or increase(x_total{a="b"}[5m]))',
    );
  });
});
