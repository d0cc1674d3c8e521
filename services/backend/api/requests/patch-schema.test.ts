import { describe, expect, it } from 'vitest';
import { pipelineBodySchema } from '../routes/pipelines.ts';
import { patchSchema } from './patch-schema.ts';

const schema = patchSchema(pipelineBodySchema);

describe('patchSchema', () => {
  it.each([
    {},
    { name: 'x' },
    { risk: { maxDrawdown: 0.1 } },
    { risk: null, budget: null, stages: null, mode: null },
    { risk: { maxPositionUsd: null } },
    { trigger: { mode: 'manual', signals: null } },
    { trigger: { signals: [{ type: 'rsi', minConfidence: 3 }] } },
  ])('accepts %j and returns it unchanged, without defaults', (patch) => {
    expect(schema.parse(patch)).toEqual(patch);
  });

  it.each([
    [],
    { name: null },
    { name: 'a\u202e' },
    { tickers: null },
    { tickers: ['goog'] },
    { trigger: null },
    { trigger: { mode: null } },
    { trigger: { mode: 'never' } },
    { risk: { maxDrawdown: 2 } },
    { budget: { dailyUsd: null } },
  ])('refuses %j', (patch) => {
    expect(schema.safeParse(patch).success).toBe(false);
  });
});
