import { describe, expect, it } from 'vitest';
import { Exact } from '../money.ts';
import { modesWithoutBroker } from '../orders/order.ts';
import { checkStart, parseStageResults, planStages, requireResult, type StartFacts } from './stages.ts';

const facts: StartFacts = { pipelineStatus: 'active', mode: 'paper', agents: ['market-data', 'trade-manager'] };
const budget = (spent: string) => ({ dailyUsd: new Exact('0.5'), spentTodayUsd: new Exact(spent) });

describe('checkStart', () => {
  it('lets an active pipeline start that has a broker and budget left', () => {
    expect(checkStart(facts)).toBeUndefined();
    expect(checkStart({ ...facts, budget: budget('0.49999999') })).toBeUndefined();
  });

  it('skips a pipeline that is paused or deleted', () => {
    expect(checkStart({ ...facts, pipelineStatus: 'paused' })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^PIPELINE_PAUSED/),
    });
    expect(checkStart({ ...facts, pipelineStatus: 'deleted' })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^PIPELINE_DELETED/),
    });
  });

  it.each(modesWithoutBroker)(
    'mode %s, without a broker: fails a pipeline that places orders, starts one that does not',
    (mode) => {
      expect(checkStart({ ...facts, mode })).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/^NO_LIVE_BROKER: .*paper/),
      });
      expect(checkStart({ ...facts, mode, agents: ['market-data', 'bias'] })).toBeUndefined();
    },
  );

  it('skips a pipeline whose budget of the day is spent, and says how much was spent', () => {
    expect(checkStart({ ...facts, budget: budget('0.5') })).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^BUDGET_EXHAUSTED: .*0\.5 of 0\.5 USD/),
    });
  });
});

const stages = [{ agent: 'market-data' }, { agent: 'bias' }, { agent: 'strategy' }] as const;

describe('planStages', () => {
  it('plans every stage at first, and none when all are stored', () => {
    expect(planStages(stages, [])).toEqual(stages.map(({ agent }, position) => ({ agent, position })));
    expect(planStages(stages, planStages(stages, []))).toEqual([]);
  });

  it('continues after the last stored stage', () => {
    expect(planStages(stages, planStages(stages, []).slice(0, 2))).toEqual([{ agent: 'strategy', position: 2 }]);
  });

  it('uses free positions if the pipeline was changed in between', () => {
    const stored = [
      { agent: 'market-data', position: 0 },
      { agent: 'strategy', position: 1 },
    ] as const;
    expect(planStages(stages, stored)).toEqual([{ agent: 'bias', position: 2 }]);
  });
});

const strategy = { action: 'BUY', confidence: 70, reasoning: 'r', decided_by: 'model' } as const;

describe('stage results', () => {
  it('are unchanged after JSON serialization', () => {
    const results = parseStageResults([{ agent: 'strategy', result: JSON.parse(JSON.stringify(strategy)) }]);
    expect(results).toEqual({ strategy });
    expect(requireResult(results, 'strategy').action).toBe('BUY');
  });

  it('without decided_by, from an earlier version, count as decided by the rule', () => {
    const { decided_by, ...before } = strategy;
    expect(parseStageResults([{ agent: 'strategy', result: before }]).strategy?.decided_by).toBe('rule');
  });

  it('are refused if they do not have the form of their agent', () => {
    expect(() => parseStageResults([{ agent: 'strategy', result: { action: 'HOLD' } }])).toThrow(/action/);
  });

  it('name the stage whose result is missing', () => {
    expect(() => requireResult({}, 'risk-manager')).toThrow('the risk-manager stage has no result');
  });
});
