import { describe, expect, it } from 'vitest';
import { describeLabelling, findUnmet, matchSelection, matchSelections, type Selectable } from './select-monitors.ts';

function prometheus(spec: object, namespace = 'monitoring') {
  return { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', metadata: { namespace, name: 'main' }, spec };
}

const monitor: Selectable = {
  kind: 'ServiceMonitor',
  namespace: 'desk',
  labels: { team: 'desk' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'desk' },
};
const everything = { serviceMonitorSelector: {}, serviceMonitorNamespaceSelector: {} };

describe('matchSelection', () => {
  it('selects everything if both selectors are empty', () => {
    expect(matchSelection(prometheus(everything), monitor)).toEqual({
      prometheus: 'monitoring/main',
      selected: true,
      gaps: [],
    });
  });

  it('names the missing label, such as the release label of a Helm chart', () => {
    const wants = { ...everything, serviceMonitorSelector: { matchLabels: { release: 'kps', team: 'desk' } } };
    expect(matchSelection(prometheus(wants), monitor).gaps).toEqual([
      {
        on: 'object',
        wanted: 'release=kps',
        message: 'its serviceMonitorSelector wants release=kps on the ServiceMonitor',
      },
    ]);
  });

  it('selects nothing with an absent selector', () => {
    const { selected, gaps } = matchSelection(prometheus({ serviceMonitorNamespaceSelector: {} }), monitor);
    expect(selected).toBe(false);
    expect(gaps).toEqual([
      { on: 'object', message: 'it has no serviceMonitorSelector, so it selects no ServiceMonitor at all' },
    ]);
  });

  it('selects in its own namespace with an absent namespace selector', () => {
    const wants = { serviceMonitorSelector: {} };
    expect(matchSelection(prometheus(wants, 'desk'), monitor).selected).toBe(true);
    expect(matchSelection(prometheus(wants), monitor).gaps).toEqual([
      {
        on: 'namespace',
        message: 'it has no serviceMonitorNamespaceSelector, so it looks into its own namespace monitoring only',
      },
    ]);
  });

  it('names the label that the namespace lacks', () => {
    const wants = { ...everything, serviceMonitorNamespaceSelector: { matchLabels: { monitored: 'yes' } } };
    expect(matchSelection(prometheus(wants), monitor).gaps[0]).toMatchObject({
      on: 'namespace',
      wanted: 'monitored=yes',
    });
  });

  it('uses the rule selectors for a PrometheusRule', () => {
    const rule: Selectable = { ...monitor, kind: 'PrometheusRule' };
    expect(matchSelection(prometheus(everything), rule).selected).toBe(false);
    expect(matchSelection(prometheus({ ruleSelector: {}, ruleNamespaceSelector: {} }), rule).selected).toBe(true);
  });

  it('returns one result for each Prometheus object', () => {
    const answers = matchSelections([prometheus({}), prometheus(everything)], monitor);
    expect(answers.map(({ selected }) => selected)).toEqual([false, true]);
  });
});

describe('findUnmet', () => {
  const unmet = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', labels: Record<string, string>) =>
    findUnmet({ matchExpressions: [{ key: 'tier', operator, values: ['a', 'b'] }] }, labels);

  it('evaluates In, NotIn, Exists and DoesNotExist as Kubernetes does', () => {
    expect(unmet('In', { tier: 'a' })).toEqual([]);
    expect(unmet('In', { tier: 'c' })).toEqual(['tier in (a,b)']);
    expect(unmet('In', {})).toEqual(['tier in (a,b)']);
    expect(unmet('NotIn', {})).toEqual([]);
    expect(unmet('NotIn', { tier: 'b' })).toEqual(['tier notin (a,b)']);
    expect(unmet('Exists', { tier: '' })).toEqual([]);
    expect(unmet('Exists', {})).toEqual(['tier']);
    expect(unmet('DoesNotExist', {})).toEqual([]);
    expect(unmet('DoesNotExist', { tier: 'a' })).toEqual(['!tier']);
  });

  it('does not take a property of every JavaScript object for a label', () => {
    expect(findUnmet({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, {})).toEqual(['constructor']);
  });
});

describe('describeLabelling', () => {
  const gap = (on: 'object' | 'namespace', wanted?: string) => ({ on, message: '', ...(wanted && { wanted }) });
  it.each([
    [[gap('object', 'release=kps')], 'Set spec.labels of the TradingPipeline to {release: "kps"}'],
    [[gap('object', 'a.b/tier in (x,y)'), gap('object', 'on')], '{a.b/tier: "x", on: ""}'],
    [[gap('namespace', 'monitored=yes')], 'kubectl label namespace desk monitored=yes'],
    [[gap('object', 'a=b'), gap('namespace', 'c=d')], '{a: "b"}, and run kubectl label namespace desk c=d'],
  ])('tells how to add the labels for %j', (gaps, text) => {
    expect(describeLabelling(gaps, 'desk')).toContain(text);
  });

  it.each([[[gap('object')]], [[gap('object', '!legacy')]], [[gap('object', 'a notin (b)')]]])(
    'is undefined if no label helps: %j',
    (gaps) => {
      expect(describeLabelling(gaps, 'desk')).toBeUndefined();
    },
  );
});
