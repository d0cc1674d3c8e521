import { describe, expect, it } from 'vitest';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import { planConditionEvents } from './condition-events.ts';

function condition(type: string, status: Condition['status'], reason: string): Condition {
  return { type, status, reason, message: `because of ${reason}`, lastTransitionTime: '', observedGeneration: 1 };
}
const told = (before: readonly Condition[], after: readonly Condition[]) =>
  planConditionEvents(before, after).map(({ type, reason }) => `${type} ${reason}`);

describe('planConditionEvents', () => {
  const ready = condition('Ready', 'True', 'Reconciled');
  const missing = ['Ready', 'ServicesResolved'].map((type) => condition(type, 'False', 'ServiceNotFound'));

  it('has no news of what is well from the start, or unknown', () => {
    expect(told([], [ready, condition('TargetsUp', 'Unknown', 'PrometheusNotConfigured')])).toEqual([]);
  });

  it('says what is wrong from the start, each reason once', () => {
    expect(told([], [...missing, condition('Reconciling', 'True', 'ServiceNotFound')])).toEqual([
      'Warning ServiceNotFound',
    ]);
    expect(planConditionEvents([], missing)[0]?.note).toBe('Ready: because of ServiceNotFound');
  });

  it('says each change of status or reason, for better or worse', () => {
    const found = [ready, condition('ServicesResolved', 'True', 'ServicesFound')];
    expect(told(missing, found)).toEqual(['Normal Reconciled', 'Normal ServicesFound']);
    expect(told(found, missing)).toEqual(['Warning ServiceNotFound']);
    const gone = [condition('TargetsUp', 'Unknown', 'PrometheusUnreachable')];
    expect(told([condition('TargetsUp', 'True', 'AllTargetsUp')], gone)).toEqual(['Normal PrometheusUnreachable']);
  });

  it('is silent when only a message changes', () => {
    expect(told([ready], [{ ...ready, message: '5 objects' }])).toEqual([]);
  });

  it('says that a conflict began, and that it is over', () => {
    const conflict = condition('Conflict', 'True', 'ServiceClaimed');
    expect(told([ready], [ready, conflict])).toEqual(['Warning ServiceClaimed']);
    expect(told([ready, conflict], [ready])).toEqual(['Normal ConflictResolved']);
  });
});
