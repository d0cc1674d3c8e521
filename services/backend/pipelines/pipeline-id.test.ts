import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPipelineIdSchema } from '#trading/ids.ts';
import { buildPipelineId } from './pipeline-id.ts';

describe('buildPipelineId', () => {
  it.each([
    ['Golden Cross!', 'golden-cross-3fa1'],
    ['  Crème brûlée  ', 'creme-brulee-3fa1'],
    ['日本', 'pipeline-3fa1'],
  ])('turns the name %j into %s', (name, id) => {
    expect(buildPipelineId(name, '3fa1')).toBe(id);
  });

  it('returns a valid pipeline id for any name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (name) => newPipelineIdSchema.safeParse(buildPipelineId(name, 'a1')).success,
      ),
    );
  });
});
