import { describe, expect, it } from 'vitest';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import { buildConditions, type Findings } from './conditions.ts';

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
      'a service is missing, which may still be created',
      { services: [missing] },
      {
        Ready: 'False ServiceNotFound',
        Reconciling: 'True ServiceNotFound',
        ServicesResolved: 'False ServiceNotFound',
      },
    ],
    ['the spec is invalid', { invalid: ['spec.x: no'] }, { Ready: 'False InvalidSpec', Stalled: 'True InvalidSpec' }],
    [
      'a rule does not parse',
      { rejectedRules: [rejected] },
      {
        Ready: 'False RuleDoesNotParse',
        Stalled: 'True RuleDoesNotParse',
        RulesLoaded: 'False RuleDoesNotParse',
        ServicesResolved: 'True ServicesFound',
      },
    ],
    [
      'a rule asks for a metric that does not exist',
      { rejectedRules: [{ ...rejected, reason: 'MetricNotFound' }] },
      {
        Ready: 'False MetricNotFound',
        Stalled: 'True MetricNotFound',
        RulesLoaded: 'False MetricNotFound',
        ServicesResolved: 'True ServicesFound',
      },
    ],
    [
      'a service belongs to another resource, which is more serious than that a service is missing',
      { lostServices: [{ service: 'backend', holder: 'older' }], services: [missing] },
      {
        Ready: 'False ServiceClaimed',
        Stalled: 'True ServiceClaimed',
        Conflict: 'True ServiceClaimed',
        ServicesResolved: 'False ServiceNotFound',
      },
    ],
    [
      'a write is refused, which is retried',
      { refused: [{ kind: 'ConfigMap', name: 'x', message: 'quota' }] },
      { Ready: 'False ApplyRefused', Reconciling: 'True ApplyRefused', ServicesResolved: 'True ServicesFound' },
    ],
    [
      'another field manager keeps a field in an object, which the policy allows',
      { additions: [{ kind: 'ConfigMap', name: 'x', fields: [{ path: 'data.b', kind: 'added', manager: 'argocd' }] }] },
      {
        Ready: 'True Reconciled',
        ServicesResolved: 'True ServicesFound',
        ForeignFields: 'True FieldsAdded',
      },
    ],
    [
      'another field manager changes an object again and again, which may end',
      { contested: [{ kind: 'ConfigMap', name: 'x', fields: [] }] },
      {
        Ready: 'False FieldsContested',
        Reconciling: 'True FieldsContested',
        ServicesResolved: 'True ServicesFound',
        ForeignFields: 'True FieldsContested',
      },
    ],
    ['no services are listed', { services: [] }, { Ready: 'True Reconciled' }],
  ])('reports it if %s', (_what, findings, conditions) => {
    expect(summary(findings)).toEqual(conditions);
  });

  it('reports Stalled without Reconciling if both have a cause', () => {
    const both = summary({ services: [missing], rejectedRules: [rejected] });
    expect(both).toHaveProperty('Stalled');
    expect(both).not.toHaveProperty('Reconciling');
  });

  it('keeps the transition time while a status stays, and updates the generation', () => {
    const before = Object.values(conditionsOf({}));
    const after = conditionsOf({ services: [missing] }, before, '2026-01-02T00:00:00Z');
    const again = conditionsOf({}, before, '2026-01-02T00:00:00Z');
    expect(after.Ready?.lastTransitionTime).toBe('2026-01-02T00:00:00Z');
    expect(again.Ready).toMatchObject({ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 7 });
  });

  it('names every object of a large resource whose fields others have changed, and the first five fields of each', () => {
    const fields = Array.from({ length: 7 }, (_, index) => {
      return { path: `data.${index}`, kind: 'added', manager: 'argocd' } as const;
    });
    const additions = Array.from({ length: 40 }, (_, index) => ({ kind: 'ConfigMap', name: `x${index}`, fields }));
    const { message = '' } = conditionsOf({ additions }).ForeignFields ?? {};
    expect(message).toMatch(
      /^ConfigMap x0: data.0 added by argocd, .*, data.4 added by argocd, 2 more; ConfigMap x1: .*ConfigMap x39: /,
    );
  });

  it('cuts long messages', () => {
    const invalid = Array.from({ length: 500 }, (_, index) => `spec.services[${index}].name: no`);
    expect(conditionsOf({ invalid }).Ready?.message.length).toBeLessThanOrEqual(1_024);
  });
});
