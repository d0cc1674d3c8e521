import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { type ServiceName, serviceNames } from '#catalogue/services.ts';
import { specOf } from '../../test/support/spec-of.ts';
import { type CompileInput, compile } from './compile.ts';
import type { RuleGroup } from './objects/generated-object.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

function compiled(raw: object, more: Partial<CompileInput> = {}) {
  return compile({ owner, spec: specOf(raw), ...more });
}

function rulesOf(raw: object, more: Partial<CompileInput> = {}) {
  const rule = compiled(raw, more).objects.find(({ kind }) => kind === 'PrometheusRule');
  return ((rule?.spec as { groups: RuleGroup[] } | undefined)?.groups ?? []).flatMap(({ rules }) => rules);
}

const all = { services: serviceNames.map((name) => ({ name })), alerts: {}, dashboards: {} };

describe('compile', () => {
  it.each(['service-monitor', 'custom-alert'])(
    'compiles examples/golden/%s.yaml into the expected objects beside it',
    (name) => {
      const folder = path.join(import.meta.dirname, '..', '..', 'examples', 'golden');
      const { metadata, spec } = parse(readFileSync(path.join(folder, `${name}.yaml`), 'utf8'));
      const { objects } = compile({ owner: { ...metadata, uid: 'uid-of-the-resource' }, spec: specOf(spec) });
      const text = objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
      expect(text).toBe(readFileSync(path.join(folder, `${name}.expected.yaml`), 'utf8'));
    },
  );

  it('compiles an empty spec into no objects, and each section into objects of its own kind only', () => {
    const kinds = (raw: object) => [...new Set(compiled(raw).objects.map(({ kind }) => kind))];
    expect(kinds({})).toEqual([]);
    expect(kinds({ services: all.services })).toEqual(['ServiceMonitor']);
    expect(kinds({ alerts: {} })).toEqual([]);
    expect(kinds({ dashboards: {} })).toEqual(['ConfigMap']);
  });

  it('gives a resource only the alerts on the services that it lists', () => {
    const names = (services: readonly string[]) => [
      ...new Set(rulesOf({ services: services.map((name) => ({ name })), alerts: {} }).map(({ alert }) => alert)),
    ];
    const about = (service: ServiceName) =>
      alertNames.filter((name) => {
        const { watches } = alertDefinition(name);
        return watches === 'each' || watches.includes(service);
      });
    const ofGenerator = names(['signal-generator']);
    expect(ofGenerator).toEqual(
      expect.arrayContaining([
        'HighMarketDataLag',
        'KafkaPublishFailures',
        'MarketDataStopped',
        'SignalGenerationStopped',
      ]),
    );
    expect(ofGenerator.sort()).toEqual(about('signal-generator').sort());
    expect(names([...serviceNames]).sort()).toEqual(alertNames.filter((name) => name !== 'NoActiveBotsRunning').sort());
  });

  it('leaves out the alert NoPipelineExecutions if the worker is not listed', () => {
    const rules = rulesOf({ services: [{ name: 'trigger-dispatcher' }, { name: 'backend' }], alerts: {} });
    expect(rules.map(({ alert }) => alert)).not.toContain('NoPipelineExecutions');
  });

  it('compiles rules that read only the listed services, in the namespace of the resource', () => {
    const rules = rulesOf({ services: [{ name: 'backend' }], alerts: {} });
    for (const { expr } of rules) {
      expect(expr).toContain('namespace="desk"');
      expect(expr).not.toMatch(/celery-worker|trigger-dispatcher/);
    }
  });

  it('applies the limits that a resource sets, and leaves out an alert that is switched off', () => {
    const tuned = { HighPipelineFailureRate: { threshold: 0.25, for: '10m', severity: 'critical', minVolume: 9 } };
    const rules = rulesOf({ ...all, alerts: { rules: { ...tuned, ServiceDown: { enabled: false } } } });
    const rule = rules.find(({ alert }) => alert === 'HighPipelineFailureRate');
    expect(rule).toMatchObject({ for: '10m', labels: { severity: 'critical' } });
    expect(rule?.expr).toContain('> 0.25');
    expect(rule?.expr).toContain('>= 9');
    expect(rule?.annotations?.description).toContain('limit 25%, from 9 executions on');
    expect(rules.map(({ alert }) => alert)).not.toContain('ServiceDown');
  });

  it('links every alert to its runbook and labels it for routing', () => {
    const rules = rulesOf({ ...all, alerts: { runbookBaseUrl: 'https://wiki/runs', labels: { team: 'desk' } } });
    for (const { alert, labels, annotations } of rules) {
      expect(annotations?.runbook_url).toBe(`https://wiki/runs#${alert?.toLowerCase()}`);
      expect(labels).toMatchObject({
        team: 'desk',
        namespace: 'desk',
        tradingpipeline: 'tp',
        severity: expect.any(String),
      });
    }
  });

  it('widens the time window of rate() for long scrape intervals', () => {
    const slow = rulesOf({ services: [{ name: 'backend', interval: '2m' }], alerts: {} });
    expect(slow.find(({ alert }) => alert === 'HighRedisErrorRate')?.expr).toContain('[8m]');
  });

  it.each([
    ['a metric of another namespace', 'kube_pod_status_ready == 0', true],
    ['a sum that keeps the namespace', 'sum by (namespace) (pipeline_executions_active) > 5', true],
    ['a sum that drops it', 'sum by (pod) (pipeline_executions_active) > 5', false],
    ['a number', 'vector(1)', false],
  ])('keeps the namespace of the series of an own alert: %s', (_what, expr, isKept) => {
    const [rule] = compiled({ alerts: { custom: [{ alert: 'A', expr }] } }).customRules;
    expect(rule?.labels).toEqual({
      severity: 'warning',
      namespace: isKept ? '{{ with $labels.namespace }}{{ . }}{{ else }}desk{{ end }}' : 'desk',
      tradingpipeline: 'tp',
      tradingpipeline_namespace: 'desk',
    });
  });

  it('adds no label to an alert whose series have that label, because two of them would become one', () => {
    const labels = { team: 'desk', topic: 'mine', pod: 'mine' };
    const services = serviceNames.map((name) => ({ name }));
    const rules = rulesOf({ services, alerts: { labels } });
    const labelsOf = (name: string) => rules.find((rule) => 'alert' in rule && rule.alert === name)?.labels;
    expect(labelsOf('HighKafkaConsumerLag')).toMatchObject({ team: 'desk', pod: 'mine' });
    expect(labelsOf('HighKafkaConsumerLag')).not.toHaveProperty('topic');
    expect(labelsOf('HighCPUUsage')).toMatchObject({ team: 'desk', topic: 'mine' });
    expect(labelsOf('HighCPUUsage')).not.toHaveProperty('pod');
    expect(labelsOf('ServiceDown')).toMatchObject(labels);
  });

  it('lets an own alert choose its namespace, but not the resource that it belongs to', () => {
    const labels = { namespace: 'prod', tradingpipeline: 'other', tradingpipeline_namespace: 'other' };
    const [rule] = compiled({ alerts: { custom: [{ alert: 'A', expr: 'up', labels }] } }).customRules;
    expect(rule?.labels).toMatchObject({
      namespace: 'prod',
      tradingpipeline: 'tp',
      tradingpipeline_namespace: 'desk',
    });
  });

  it('keeps apart the objectives of several resources in an own alert', () => {
    const [rule] = compiled({
      alerts: { custom: [{ alert: 'A', expr: 'objective:burn_rate:ratio{window="1h"} > 1' }] },
    }).customRules;
    expect(rule?.labels).toMatchObject({
      tradingpipeline: 'tp',
      exported_tradingpipeline: '{{ $labels.tradingpipeline }}',
    });
  });

  it('leaves out an own alert on a bucket that the histogram does not have, and says which there are', () => {
    const on = (le: string) => ({
      alerts: { custom: [{ alert: 'A', expr: `rate(batch_size_bucket{le="${le}"}[5m]) > 1` }] },
    });
    expect(compiled(on('7')).rejectedRules).toMatchObject([
      {
        path: 'spec.alerts.custom[alert=A].expr',
        reason: 'BucketNotFound',
        message: expect.stringMatching(
          /^batch_size_bucket has no bucket le="7"; it has 1, 2, 5, .*, \+Inf \(at position 24\)$/,
        ),
      },
    ]);
    for (const le of ['5', '5.0']) {
      const { rejectedRules, customRules } = compiled(on(le));
      expect(rejectedRules).toEqual([]);
      expect(customRules[0]?.expr).toMatch(/le=~"5.*\|5/);
    }
  });

  it('leaves out an invalid custom rule, keeps the last valid one of that name, and changes no other rule', () => {
    const custom = (expr: string) => ({
      alerts: {
        custom: [
          { alert: 'A', expr },
          { alert: 'B', expr: 'vector(1)' },
        ],
      },
    });
    const good = compiled(custom('up == 0'));
    const bad = compiled(custom('up =='), { lastGoodRules: good.customRules });
    expect(bad.objects).toEqual(good.objects);
    expect(bad.rejectedRules).toMatchObject([{ path: 'spec.alerts.custom[alert=A].expr', lastGoodKept: true }]);
    const never = compiled(custom('up =='));
    expect(never.customRules.map(({ alert }) => alert)).toEqual(['B']);
    expect(never.rejectedRules).toMatchObject([{ lastGoodKept: false }]);
  });

  it('rejects an annotation with an invalid template, and names the field', () => {
    const custom = [{ alert: 'A', expr: 'up', annotations: { summary: '{{ $valu }}' } }];
    expect(compiled({ alerts: { custom } }).rejectedRules).toMatchObject([
      { path: 'spec.alerts.custom[alert=A].annotations.summary' },
    ]);
  });

  it('compiles neither a ServiceMonitor nor alerts for a service that an older resource lists', () => {
    const { objects } = compiled(all, { lostServices: new Set(['backend']) });
    expect(objects.map(({ metadata }) => metadata.name)).not.toContain('tp.backend');
    expect(
      rulesOf(all, { lostServices: new Set(['backend']) })
        .map(({ expr }) => expr)
        .join(),
    ).not.toContain('backend');
  });

  it('gives a qualified dashboard a uid of at most 40 characters and a title of its own', () => {
    const model = (more: Partial<CompileInput>) => {
      const map = compiled({ dashboards: { include: ['overview'] } }, more).objects[0];
      return JSON.parse(Object.values(map?.data ?? {})[0] ?? '') as { uid: string; title: string };
    };
    const [plain, qualified] = [model({}), model({ qualifiedDashboards: new Set(['overview']) })];
    expect(qualified.uid).not.toBe(plain.uid);
    expect(qualified.uid.length).toBeLessThanOrEqual(40);
    expect(qualified.title).toBe(`${plain.title} (desk/tp)`);
  });

  it.each([
    ['enforce', false],
    ['seed', true],
  ] as const)('lets users edit a dashboard in Grafana by its policy: %s', (policy, editable) => {
    for (const qualifiedDashboards of [new Set<never>(), new Set(['overview'] as const)]) {
      const [map] = compiled({ dashboards: { include: ['overview'], policy } }, { qualifiedDashboards }).objects;
      expect(JSON.parse(Object.values(map?.data ?? {})[0] ?? '')).toMatchObject({ editable });
    }
  });

  it('never gives two resources the same object names or dashboard keys', () => {
    const names = (name: string, service: string) => {
      const services = [{ name: service, selector: { matchLabels: { a: 'b' } } }];
      return compile({ owner: { ...owner, name }, spec: specOf({ services }) }).objects.map(
        ({ metadata }) => metadata.name,
      );
    };
    expect(names('a', 'b-c')).not.toEqual(names('a-b', 'c'));
    const keys = (namespace: string, name: string) =>
      compile({ owner: { ...owner, namespace, name }, spec: specOf({ dashboards: {} }) }).objects.flatMap(({ data }) =>
        Object.keys(data ?? {}),
      );
    expect(keys('a', 'b-c')).not.toEqual(keys('a-b', 'c'));
  });
});
