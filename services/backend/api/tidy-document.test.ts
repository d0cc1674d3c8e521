import { describe, expect, it } from 'vitest';
import { dropTimePatterns, findReferences, pruneSchemas } from './tidy-document.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('pruneSchemas', () => {
  it('keeps schemas that are used directly, through others or in a cycle, and drops the rest', () => {
    const schemas = { A: { items: ref('B') }, B: { of: [ref('A')] }, Unused: ref('A') };
    const pruned = pruneSchemas({ paths: { '/a': ref('A') }, components: { schemas, headers: { x: 1 } } });
    expect(pruned.components).toEqual({ schemas: { A: schemas.A, B: schemas.B }, headers: { x: 1 } });
    expect(findReferences(pruned)).toEqual(['A', 'B', 'A']);
  });
});

describe('dropTimePatterns', () => {
  it('drops the patterns of times only', () => {
    const document = { time: { format: 'date-time', pattern: 'x' }, id: { pattern: 'y' } };
    expect(dropTimePatterns(document)).toEqual({ time: { format: 'date-time' }, id: { pattern: 'y' } });
  });
});
