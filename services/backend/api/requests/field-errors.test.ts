import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileFieldErrors, findUnknownFields, formatPath } from './field-errors.ts';

describe('formatPath', () => {
  it.each([
    [['trigger', 'signals', 0, 'type'], 'trigger.signals[0].type'],
    [[0, 'a'], '[0].a'],
    [['a b', 'c-d'], '["a b"]["c-d"]'],
    [[], ''],
  ])('formats %j as %s', (path, written) => {
    expect(formatPath(path)).toBe(written);
  });
});

describe('compileFieldErrors', () => {
  it('returns the path of the wrong field', () => {
    const result = z.object({ a: z.array(z.object({ b: z.number() })) }).safeParse({ a: [{ b: 1 }, { b: 'x' }] });
    expect(compileFieldErrors(result.error?.issues ?? [])).toMatchObject({ errors: [{ path: 'a[1].b' }], more: 0 });
  });
});

describe('findUnknownFields', () => {
  it('names the fields that the result lacks, at any depth', () => {
    const given = { known: 1, typo: 2, list: [{ in: 1 }, { in: 1, out: 2 }], deep: { er: { x: 1 } } };
    const parsed = { known: 1, list: [{ in: 1 }, { in: 1 }], deep: { er: {} }, defaulted: 5 };
    expect(findUnknownFields(given, parsed).errors.map(({ path }) => path)).toEqual([
      'typo',
      'list[1].out',
      'deep.er.x',
    ]);
  });

  it('accepts undefined and transformed values', () => {
    expect(findUnknownFields({ a: undefined, b: '1' }, { b: { value: 1 } })).toEqual({ errors: [], more: 0 });
  });

  it('names the first ten fields and counts the others, whose names it cuts', () => {
    const given = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${'x'.repeat(500)}${index}`, 1]));
    const { errors, more } = findUnknownFields(given, {});
    expect([errors.length, more]).toEqual([10, 990]);
    expect(errors[0]?.path).toBe(`${'x'.repeat(200)}…`);
  });
});
