import { describe, expect, it } from 'vitest';
import { Exact } from '../money.ts';
import { checkStart, type StartFacts } from './start-checks.ts';

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
