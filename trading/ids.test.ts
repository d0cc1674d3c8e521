import { describe, expect, it } from 'vitest';
import { newPipelineIdSchema, pipelineIdSchema, recordIdSchema } from './ids.ts';

const accepts = (schema: typeof recordIdSchema, id: string) => schema.safeParse(id).success;

describe('ids', () => {
  it.each(['.', '..', '-a', 'a-', 'A', 'a b', '', 'a\n', 'a'.repeat(129)])('of pipelines are never %j', (id) => {
    expect([accepts(pipelineIdSchema, id), accepts(newPipelineIdSchema, id)]).toEqual([false, false]);
  });

  it.each(['a', '0', 'golden-cross', 'a'.repeat(128)])('of pipelines may be %j', (id) => {
    expect([accepts(pipelineIdSchema, id), accepts(newPipelineIdSchema, id)]).toEqual([true, true]);
  });

  it('with a dot are for TradingPipelines only, and the longest of these fits', () => {
    const longest = `${'n'.repeat(63)}.${'a'.repeat(63)}`;
    expect([accepts(pipelineIdSchema, longest), accepts(newPipelineIdSchema, longest)]).toEqual([true, false]);
  });

  it.each(['sig/1', 'a b', 'BTC|1d', '😀'.repeat(128)])('of records may be %j', (id) => {
    expect(accepts(recordIdSchema, id)).toBe(true);
  });

  it.each(['', '..', 'a\0', 'a\u202e', '😀'.repeat(129)])('of records are never %j', (id) => {
    expect(accepts(recordIdSchema, id)).toBe(false);
  });
});
