import { describe, expect, it } from 'vitest';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { compareStatus } from './status-change.ts';

function condition(type: string, more: Partial<Condition> = {}): Condition {
  const told = { status: 'True', reason: 'AllTargetsUp', message: '4 of 4 targets are up' } as const;
  return { type, ...told, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1, ...more };
}

const objective = { name: 'pipeline-success', target: 95, current: 97, budgetRemaining: 40, burnRate: 0.6 };
const status: TradingPipelineStatus = {
  observedGeneration: 1,
  conditions: [condition('Ready'), condition('TargetsUp')],
  summary: { services: '4/4', alerts: 3, dashboards: 0, budget: '40%' },
  alerts: { firing: 1, names: ['ServiceDown'] },
  objectives: [objective],
  executions: { total: 1_000, failed: 3, last: '2026-01-01T00:00:00Z' },
};
const executed = { total: 1_000, failed: 3, last: '2026-01-01T00:00:00Z' };
const withFigures = (more: object) => ({ ...status, objectives: [{ ...objective, ...more }] });

describe('compareStatus', () => {
  it.each<readonly [what: string, wanted: TradingPipelineStatus, change: string]>([
    ['nothing', status, 'none'],
    ['a figure, by less than a percent', withFigures({ budgetRemaining: 39.7 }), 'none'],
    [
      'the text of what is left, with it',
      { ...withFigures({ budgetRemaining: 39.7 }), summary: { ...status.summary, budget: '39%' } },
      'none',
    ],
    ['a figure, by a percent', withFigures({ budgetRemaining: 39.5 }), 'numbers'],
    ['executions, by less than a percent', { ...status, executions: { ...executed, total: 1_009 } }, 'none'],
    ['executions, by a percent', { ...status, executions: { ...executed, total: 1_011 } }, 'numbers'],
    ['a failure among few', { ...status, executions: { ...executed, failed: 4 } }, 'numbers'],
    ['the last execution', { ...status, executions: { ...executed, last: '2026-01-01T00:01:00Z' } }, 'numbers'],
    ['executions are not known', { ...status, executions: undefined }, 'state'],
    ['a figure that is gone', withFigures({ burnRate: undefined }), 'numbers'],
    [
      'a count of targets',
      { ...status, conditions: [condition('Ready'), condition('TargetsUp', { message: '3 of 3' })] },
      'numbers',
    ],
    ['an alert that fires', { ...status, alerts: { firing: 2, names: ['Other', 'ServiceDown'] } }, 'state'],
    ['what fires is not known', { ...status, alerts: undefined }, 'state'],
    ['all figures are unknown', { ...status, objectives: undefined }, 'state'],
    [
      'a reason',
      { ...status, conditions: [condition('Ready'), condition('TargetsUp', { reason: 'TargetsDown' })] },
      'state',
    ],
    [
      'the message of Ready',
      { ...status, conditions: [condition('Ready', { message: 'x' }), condition('TargetsUp')] },
      'state',
    ],
    ['a service', { ...status, summary: { ...status.summary, services: '3/4' } }, 'state'],
  ])('weighs what changed: %s', (_what, wanted, change) => {
    expect(compareStatus(status, wanted)).toBe(change);
  });

  it('writes a first status', () => {
    expect(compareStatus(undefined, status)).toBe('state');
  });

  it('leaves the conditions of others out of it', () => {
    const theirs = { ...status, conditions: [condition('SomebodyElses'), ...(status.conditions ?? [])] };
    expect(compareStatus(theirs, status)).toBe('none');
  });
});
