import { describe, expect, it } from 'vitest';
import { dashboards } from '#catalogue/dashboards.ts';
import { specOf } from '../../test/support/spec-of.ts';
import { compile } from './compile.ts';
import { type AlertRule, isAlertRule, type RuleGroup } from './objects/generated-object.ts';

const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 1 } };

function compiled(spec: object) {
  return compile({ owner: { namespace: 'desk', name: 'trend', uid: 'u' }, spec: specOf(spec) }).objects;
}

function alertsOf(spec: object): AlertRule[] {
  const rule = compiled({ alerts: {}, ...spec }).find(({ kind }) => kind === 'PrometheusRule');
  return ((rule?.spec as { groups: RuleGroup[] } | undefined)?.groups ?? [])
    .flatMap(({ rules }) => rules)
    .filter(isAlertRule);
}

const ofPipeline = [
  'HighPipelineFailureRate',
  'HighPipelineLatency',
  'NoPipelineExecutions',
  'PipelineBudgetExhausted',
];

describe('a resource that declares a pipeline', () => {
  it('has alerts that read only its own pipeline, in any namespace', () => {
    const alerts = alertsOf({ pipeline });
    expect(alerts.map(({ alert }) => alert)).toEqual(ofPipeline);
    for (const { expr, labels, annotations = {} } of alerts) {
      expect(labels).toMatchObject({ pipeline_id: 'desk.trend', namespace: 'desk', tradingpipeline: 'trend' });
      expect(expr).toContain('pipeline_id="desk.trend"');
      expect(expr).not.toContain('namespace=');
      expect(annotations.summary).toMatch(/^desk\.trend: |\$labels\.pipeline_id/);
      expect(annotations.dashboard_url).not.toContain('var-namespace');
    }
  });

  it('applies its limits to the alerts on its pipeline, and has no budget alert if the pipeline has no budget', () => {
    const rules = { HighPipelineLatency: { threshold: 3 }, HighPipelineFailureRate: { enabled: false } };
    const { budget: _budget, ...unlimited } = pipeline;
    const alerts = alertsOf({ pipeline: unlimited, alerts: { rules } });
    expect(alerts.map(({ alert }) => alert)).toEqual(['HighPipelineLatency', 'NoPipelineExecutions']);
    expect(alerts[0]?.expr).toMatch(/> 3$/);
  });

  it('has the alerts on its services too', () => {
    const services = [{ name: 'celery-worker' }];
    const own = alertsOf({ pipeline });
    expect(alertsOf({ services, pipeline })).toEqual(expect.arrayContaining([...alertsOf({ services }), ...own]));
    expect(alertsOf({ services, pipeline })).toHaveLength(alertsOf({ services }).length + own.length);
  });

  it('has dashboards of its own, which open on its pipeline', () => {
    const open = (spec: object) => {
      const [map] = compiled({ pipeline, dashboards: { include: ['pipelines'] }, ...spec }).filter(
        ({ kind }) => kind === 'ConfigMap',
      );
      const { uid, title, templating } = JSON.parse(Object.values(map?.data ?? {})[0] ?? '{}');
      const chosen = Object.fromEntries(
        templating.list.map(({ name, current }: { name: string; current?: { value: unknown } }) => [
          name,
          current?.value,
        ]),
      );
      return { uid, title, chosen };
    };
    const { uid, title, chosen } = open({});
    expect(uid).not.toBe(dashboards.pipelines.uid);
    expect(title).toBe(`${dashboards.pipelines.title} (desk/trend)`);
    expect(chosen).toMatchObject({ pipeline_id: ['desk.trend'], namespace: ['$__all'] });
    expect(open({ services: [{ name: 'backend' }] }).chosen).toMatchObject({ namespace: ['desk'] });
  });
});
