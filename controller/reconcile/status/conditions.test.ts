import { describe, expect, it } from 'vitest';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import { buildConditions } from './conditions.ts';
import type { Findings } from './findings.ts';
import { buildStatus } from './status.ts';
import { compareStatus } from './status-change.ts';

const well: Findings = {
  invalid: [],
  services: [{ name: 'backend', endpoints: 1 }],
  lostServices: [],
  rejectedRules: [],
  taken: [],
  refused: [],
  resources: [{ kind: 'ServiceMonitor', name: 'tp.backend' }],
  alerts: 3,
};

function conditionsOf(findings: Partial<Findings>, previous: readonly Condition[] = [], now = '2026-01-01T00:00:00Z') {
  const conditions = buildConditions({ ...well, ...findings }, { generation: 7, now, previous });
  return Object.fromEntries(conditions.map((one) => [one.type, one]));
}

const summary = (findings: Partial<Findings>) =>
  Object.fromEntries(
    Object.values(conditionsOf(findings)).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );

const missing = { name: 'backend', endpoints: 0, problem: { reason: 'ServiceNotFound', message: 'none' } } as const;
const rejected = {
  ...{ path: 'spec.alerts.custom[alert=A].expr', message: 'does not parse', lastGoodKept: true },
  reason: 'RuleDoesNotParse',
} as const;

describe('buildConditions', () => {
  it.each<readonly [what: string, findings: Partial<Findings>, conditions: Record<string, string>]>([
    ['all is well', {}, { Ready: 'True Reconciled', ServicesResolved: 'True ServicesFound' }],
    [
      'a service is missing: it may come',
      { services: [missing] },
      {
        Ready: 'False ServiceNotFound',
        Reconciling: 'True ServiceNotFound',
        ServicesResolved: 'False ServiceNotFound',
      },
    ],
    ['the spec is wrong', { invalid: ['spec.x: no'] }, { Ready: 'False InvalidSpec', Stalled: 'True InvalidSpec' }],
    [
      'a rule is wrong',
      { rejectedRules: [rejected] },
      {
        Ready: 'False RuleDoesNotParse',
        Stalled: 'True RuleDoesNotParse',
        RulesLoaded: 'False RuleDoesNotParse',
        ServicesResolved: 'True ServicesFound',
      },
    ],
    [
      'a rule asks for what does not exist',
      { rejectedRules: [{ ...rejected, reason: 'MetricNotFound' }] },
      {
        Ready: 'False MetricNotFound',
        Stalled: 'True MetricNotFound',
        RulesLoaded: 'False MetricNotFound',
        ServicesResolved: 'True ServicesFound',
      },
    ],
    [
      'a service belongs to another, and one is missing: the first keeps it from coming right by itself',
      { lostServices: [{ service: 'backend', holder: 'older' }], services: [missing] },
      {
        Ready: 'False ServiceClaimed',
        Stalled: 'True ServiceClaimed',
        Conflict: 'True ServiceClaimed',
        ServicesResolved: 'False ServiceNotFound',
      },
    ],
    [
      'a write is refused: it is tried again',
      { refused: [{ kind: 'ConfigMap', name: 'x', message: 'quota' }] },
      { Ready: 'False ApplyRefused', Reconciling: 'True ApplyRefused', ServicesResolved: 'True ServicesFound' },
    ],
    ['no services are listed', { services: [] }, { Ready: 'True Reconciled' }],
  ])('says so when %s', (_what, findings, conditions) => {
    expect(summary(findings)).toEqual(conditions);
  });

  it('never says Reconciling and Stalled at once', () => {
    const both = summary({ services: [missing], rejectedRules: [rejected] });
    expect(both).toHaveProperty('Stalled');
    expect(both).not.toHaveProperty('Reconciling');
  });

  it('keeps the time of a status that stays, and the generation it speaks of current', () => {
    const before = Object.values(conditionsOf({}));
    const after = conditionsOf({ services: [missing] }, before, '2026-01-02T00:00:00Z');
    const again = conditionsOf({}, before, '2026-01-02T00:00:00Z');
    expect(after.Ready?.lastTransitionTime).toBe('2026-01-02T00:00:00Z');
    expect(again.Ready).toMatchObject({ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 7 });
  });

  it('says no more than people read', () => {
    const invalid = Array.from({ length: 500 }, (_, index) => `spec.services[${index}].name: no`);
    expect(conditionsOf({ invalid }).Ready?.message.length).toBeLessThanOrEqual(1_024);
  });
});

describe('buildStatus', () => {
  const pipeline = { apiVersion: 'v1', kind: 'TradingPipeline', metadata: { name: 'tp', generation: 7 } };
  const status = buildStatus(pipeline, well, '2026-01-01T00:00:00Z');

  it('counts what kubectl shows', () => {
    expect(status.summary).toEqual({ services: '1/1', alerts: 3, dashboards: 0 });
    const idle = buildStatus(pipeline, { ...well, services: [{ name: 'backend', endpoints: 0 }] }, '');
    expect(idle.summary?.services).toBe('0/1');
  });

  it('is not written again when nothing but the time or a condition of others differs', () => {
    const later = buildStatus({ ...pipeline, status }, well, '2027-01-01T00:00:00Z');
    expect(compareStatus(status, later)).toBe('none');
    const theirs = { ...(status.conditions?.[0] as Condition), type: 'SomebodyElses' };
    expect(compareStatus({ ...status, conditions: [theirs, ...(status.conditions ?? [])] }, later)).toBe('none');
    expect(compareStatus(status, buildStatus({ ...pipeline, status }, { ...well, alerts: 4 }, ''))).toBe('state');
  });

  it('keeps what was known when the spec is wrong', () => {
    const wrong = buildStatus({ ...pipeline, status }, { ...well, invalid: ['spec.x: no'], resources: [] }, '');
    expect(wrong.resources).toEqual(status.resources);
  });
});
