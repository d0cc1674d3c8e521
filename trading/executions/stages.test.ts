import { describe, expect, it } from 'vitest';
import { Exact } from '../money.ts';
import { checkStart, parseStageResults, planStages, requireResult, type StartFacts } from './stages.ts';

const facts: StartFacts = { pipelineStatus: 'active', mode: 'paper', agents: ['market-data', 'trade-manager'] };
const budget = (spent: string) => ({ dailyUsd: new Exact('0.5'), spentTodayUsd: new Exact(spent) });

describe('checkStart', () => {
  it('lets start what may', () => {
    expect(checkStart(facts)).toBeUndefined();
    expect(checkStart({ ...facts, budget: budget('0.49999999') })).toBeUndefined();
  });

  it('skips what its owner stopped', () => {
    expect(checkStart({ ...facts, pipelineStatus: 'paused' })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^PIPELINE_PAUSED/),
    });
    expect(checkStart({ ...facts, pipelineStatus: 'deleted' })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^PIPELINE_DELETED/),
    });
  });

  it('fails a pipeline that would order live, and lets one that only looks', () => {
    expect(checkStart({ ...facts, mode: 'live' })).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^NO_LIVE_BROKER: .*paper/),
    });
    expect(checkStart({ ...facts, mode: 'live', agents: ['market-data', 'bias'] })).toBeUndefined();
  });

  it('skips when the budget of the day is spent, and says how much', () => {
    expect(checkStart({ ...facts, budget: budget('0.5') })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^BUDGET_EXHAUSTED: .*0\.5 of 0\.5 USD/),
    });
  });
});

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

const strategy = { action: 'BUY', confidence: 70, reasoning: 'r', decided_by: 'model' } as const;

describe('stage results', () => {
  it('come back from JSON as they were', () => {
    const results = parseStageResults([{ agent: 'strategy', result: JSON.parse(JSON.stringify(strategy)) }]);
    expect(results).toEqual({ strategy });
    expect(requireResult(results, 'strategy').action).toBe('BUY');
  });

  it('of before there were models are those of rules', () => {
    const { decided_by, ...before } = strategy;
    expect(parseStageResults([{ agent: 'strategy', result: before }]).strategy?.decided_by).toBe('rule');
  });

  it('are refused where they are not what the agent gives', () => {
    expect(() => parseStageResults([{ agent: 'strategy', result: { action: 'HOLD' } }])).toThrow(/action/);
  });

  it('say which stage is missing', () => {
    expect(() => requireResult({}, 'risk-manager')).toThrow('the risk-manager stage has no result');
  });
});
