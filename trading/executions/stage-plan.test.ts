import { describe, expect, it } from 'vitest';
import { planStages } from './stage-plan.ts';

const stages = [{ agent: 'market-data' }, { agent: 'bias' }, { agent: 'strategy' }] as const;

describe('planStages', () => {
  it('plans all of them at first, and nothing when all are done', () => {
    expect(planStages(stages, [])).toEqual(stages.map(({ agent }, position) => ({ agent, position })));
    expect(planStages(stages, planStages(stages, []))).toEqual([]);
  });

  it('goes on after the last one stored', () => {
    expect(planStages(stages, planStages(stages, []).slice(0, 2))).toEqual([{ agent: 'strategy', position: 2 }]);
  });

  it('takes a position that is free when the pipeline was changed meanwhile', () => {
    const stored = [
      { agent: 'market-data', position: 0 },
      { agent: 'strategy', position: 1 },
    ] as const;
    expect(planStages(stages, stored)).toEqual([{ agent: 'bias', position: 2 }]);
  });
});
