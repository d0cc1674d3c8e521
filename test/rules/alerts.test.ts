import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { serviceNames } from '#catalogue/services.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import type { AlertRule } from '#controller/compile/alert-rule.ts';
import { compile } from '#controller/compile/compile.ts';
import { type AlertCase, alertCases } from './alert-cases.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/** The rules a resource gets that lists all services and takes every default, with every alert on. */
function compiledRules(): { groups: { rules: AlertRule[] }[] } {
  const parsed = parseTradingPipelineSpec({
    services: serviceNames.map((name) => ({ name })),
    alerts: { rules: { NoActiveBotsRunning: { enabled: true } } },
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const { objects } = compile({ owner: { namespace: 'desk', name: 'platform', uid: 'u' }, spec: parsed.spec });
  return objects.find(({ kind }) => kind === 'PrometheusRule')?.spec as ReturnType<typeof compiledRules>;
}

/** The samples promtool must find: one series saying how many alerts fire, or none. */
function firing(alert: string, at: string, fires: boolean) {
  const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`;
  return { expr, eval_time: at, exp_samples: fires ? [{ labels: '{}', value: 1 }] : [] };
}

/** The annotations of the alert's rule; of the one for that service, where each service has its own. */
function annotationsOf(alert: AlertName, service = ''): Readonly<Record<string, string>> {
  const rules = compiledRules().groups.flatMap((group) => group.rules.filter((rule) => rule.alert === alert));
  return (rules.find(({ labels }) => labels.service === service) ?? rules[0])?.annotations ?? {};
}

/** As Prometheus does it for values that need no escape in a URL. */
function fillIn(template: string, labels: Readonly<Record<string, string>> = {}): string {
  return template.replace(/\{\{ \$labels\.(\w+)(?: \| urlquery)? \}\}/g, (_whole, label) => labels[label] ?? '');
}

function buildTest({ alert, what, series, silentAt = [], firesAt = [], labels, says, documented }: AlertCase) {
  const first = [...firesAt, ...silentAt][0];
  const opposite = firesAt.length > 0 ? [] : [{ labels: '{}', value: 1 }];
  const { summary = '', dashboard_url = '' } = annotationsOf(alert, labels?.service);
  const text = {
    summary: fillIn(summary, labels),
    description: says,
    runbook_url: `${DEFAULT_RUNBOOK_BASE_URL}#${alert.toLowerCase()}`,
    dashboard_url: fillIn(dashboard_url, labels),
  };
  const whole = { exp_labels: { ...labels, namespace: 'desk', tradingpipeline: 'platform' }, exp_annotations: text };
  return {
    name: `${alert}: ${what}`,
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      ...silentAt.map((at) => firing(alert, at, false)),
      ...firesAt.map((at) => firing(alert, at, true)),
      ...(documented ? [{ expr: `count(${documented}) > bool 0`, eval_time: first, exp_samples: opposite }] : []),
    ],
    alert_rule_test: says ? [{ eval_time: firesAt[0], alertname: alert, exp_alerts: [whole] }] : [],
  };
}

describe('the rules, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('alerts');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus takes', async () => {
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': compiledRules() });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(ok).toBe(true);
  });

  it.each(alertNames)('%s fires, and is silent, when it should', async (alert) => {
    const tests = alertCases.filter((one) => one.alert === alert).map(buildTest);
    const files = {
      'rules.yaml': compiledRules(),
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '15s', tests },
    };
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it.each(alertNames)('%s has a case in which it fires, one just before, one that is quiet, and its text', (alert) => {
    const cases = alertCases.filter((one) => one.alert === alert);
    expect(cases.some(({ silentAt, firesAt }) => silentAt && firesAt)).toBe(true);
    expect(cases.some(({ silentAt, firesAt }) => silentAt && !firesAt)).toBe(true);
    expect(cases.some(({ says, labels }) => says && labels)).toBe(true);
  });
});
