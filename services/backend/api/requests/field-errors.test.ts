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
    expect(compileFieldErrors(result.error?.issues ?? [])).toMatchObject([{ path: 'a[1].b' }]);
  });
});

describe('findUnknownFields', () => {
  it('names the fields that the result lacks, at any depth', () => {
    const given = { known: 1, typo: 2, list: [{ in: 1 }, { in: 1, out: 2 }], deep: { er: { x: 1 } } };
    const parsed = { known: 1, list: [{ in: 1 }, { in: 1 }], deep: { er: {} }, defaulted: 5 };
    expect(findUnknownFields(given, parsed).map(({ path }) => path)).toEqual(['typo', 'list[1].out', 'deep.er.x']);
  });

  it('accepts undefined and transformed values', () => {
    expect(findUnknownFields({ a: undefined, b: '1' }, { b: { value: 1 } })).toEqual([]);
  });
});
