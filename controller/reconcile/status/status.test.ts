import { describe, expect, it } from 'vitest';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import type { Findings } from './conditions.ts';
import { buildStatus, compareStatus, planConditionEvents } from './status.ts';

const well: Findings = {
  invalid: [],
  services: [{ name: 'backend', endpoints: 1 }],
  lostServices: [],
  rejectedRules: [],
  taken: [],
  refused: [],
  objects: [{ kind: 'ServiceMonitor', name: 'tp.backend' }],
  alerts: 3,
};

describe('buildStatus', () => {
  const resource = { apiVersion: 'v1', kind: 'TradingPipeline', metadata: { name: 'tp', generation: 7 } };
  const status = buildStatus(resource, well, '2026-01-01T00:00:00Z');

  it('counts services with endpoints, alerts and dashboards for kubectl get', () => {
    expect(status.summary).toEqual({ services: '1/1', alerts: 3, dashboards: 0 });
    const idle = buildStatus(resource, { ...well, services: [{ name: 'backend', endpoints: 0 }] }, '');
    expect(idle.summary?.services).toBe('0/1');
  });

  it('counts as unchanged if only the time or conditions of other controllers differ, but not if a count differs', () => {
    const later = buildStatus({ ...resource, status }, well, '2027-01-01T00:00:00Z');
    expect(compareStatus(status, later)).toBe('none');
    const theirs = { ...(status.conditions?.[0] as Condition), type: 'SomebodyElses' };
    expect(compareStatus({ ...status, conditions: [theirs, ...(status.conditions ?? [])] }, later)).toBe('none');
    expect(compareStatus(status, buildStatus({ ...resource, status }, { ...well, alerts: 4 }, ''))).toBe('state');
  });

  it('keeps the list of objects while the spec is invalid', () => {
    const wrong = buildStatus({ ...resource, status }, { ...well, invalid: ['spec.x: no'], objects: [] }, '');
    expect(wrong.resources).toEqual(status.resources);
  });
});

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
      'the remaining budget in the summary, with it',
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
  ])('classifies a change: %s', (_what, wanted, change) => {
    expect(compareStatus(status, wanted)).toBe(change);
  });

  it('writes a first status', () => {
    expect(compareStatus(undefined, status)).toBe('state');
  });

  it('ignores conditions of other controllers', () => {
    const theirs = { ...status, conditions: [condition('SomebodyElses'), ...(status.conditions ?? [])] };
    expect(compareStatus(theirs, status)).toBe('none');
  });
});

function conditionOf(type: string, status: Condition['status'], reason: string): Condition {
  return { type, status, reason, message: `because of ${reason}`, lastTransitionTime: '', observedGeneration: 1 };
}
const told = (before: readonly Condition[], after: readonly Condition[]) =>
  planConditionEvents(before, after).map(({ type, reason }) => `${type} ${reason}`);

describe('planConditionEvents', () => {
  const ready = conditionOf('Ready', 'True', 'Reconciled');
  const missing = ['Ready', 'ServicesResolved'].map((type) => conditionOf(type, 'False', 'ServiceNotFound'));

  it('reports no condition that is good or unknown from the start', () => {
    expect(told([], [ready, conditionOf('TargetsUp', 'Unknown', 'PrometheusNotConfigured')])).toEqual([]);
  });

  it('reports bad conditions from the start, each reason once', () => {
    expect(told([], [...missing, conditionOf('Reconciling', 'True', 'ServiceNotFound')])).toEqual([
      'Warning ServiceNotFound',
    ]);
    expect(planConditionEvents([], missing)[0]?.note).toBe('Ready: because of ServiceNotFound');
  });

  it('reports each change of status or reason, for better or worse', () => {
    const found = [ready, conditionOf('ServicesResolved', 'True', 'ServicesFound')];
    expect(told(missing, found)).toEqual(['Normal Reconciled', 'Normal ServicesFound']);
    expect(told(found, missing)).toEqual(['Warning ServiceNotFound']);
    const gone = [conditionOf('TargetsUp', 'Unknown', 'PrometheusUnreachable')];
    expect(told([conditionOf('TargetsUp', 'True', 'AllTargetsUp')], gone)).toEqual(['Normal PrometheusUnreachable']);
  });

  it('reports nothing if only a message changes', () => {
    expect(told([ready], [{ ...ready, message: '5 objects' }])).toEqual([]);
  });

  it('reports the start and the end of a conflict', () => {
    const conflict = conditionOf('Conflict', 'True', 'ServiceClaimed');
    expect(told([ready], [ready, conflict])).toEqual(['Warning ServiceClaimed']);
    expect(told([ready, conflict], [ready])).toEqual(['Normal ConflictResolved']);
  });

  it('reports the start, each new message and the end of fields of others', () => {
    const foreign = conditionOf('ForeignFields', 'True', 'FieldsAdded');
    expect(told([ready], [ready, foreign])).toEqual(['Warning FieldsAdded']);
    expect(told([ready, foreign], [ready, { ...foreign, message: 'another field' }])).toEqual(['Warning FieldsAdded']);
    expect(told([ready, foreign], [ready, foreign])).toEqual([]);
    expect(told([ready, foreign], [ready])).toEqual(['Normal ForeignFieldsGone']);
  });
});
