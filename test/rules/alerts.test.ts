import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { serviceNames } from '#catalogue/services.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import type { AlertRule } from '#controller/compile/alert-rule.ts';
import { compile } from '#controller/compile/compile.ts';
import { type AlertCase, buildAlertTest } from './alert-case.ts';
import { alertCases } from './alert-cases.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/** The rules a resource gets that lists all services and takes every default, with every alert on. */
function compileRules(): { groups: { rules: AlertRule[] }[] } {
  const parsed = parseTradingPipelineSpec({
    services: serviceNames.map((name) => ({ name })),
    alerts: { rules: { NoActiveBotsRunning: { enabled: true } } },
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const { objects } = compile({ owner: { namespace: 'desk', name: 'platform', uid: 'u' }, spec: parsed.spec });
  return objects.find(({ kind }) => kind === 'PrometheusRule')?.spec as ReturnType<typeof compileRules>;
}

const compiledRules = compileRules();

/** The annotations of the alert's rule; of the one for that service, where each service has its own. */
function annotationsOf(alert: AlertName, service = ''): Readonly<Record<string, string>> {
  const rules = compiledRules.groups.flatMap((group) => group.rules.filter((rule) => rule.alert === alert));
  return (rules.find(({ labels }) => labels.service === service) ?? rules[0])?.annotations ?? {};
}

function buildTest(one: AlertCase<AlertName>) {
  const labels = { ...one.labels, namespace: 'desk', tradingpipeline: 'platform' };
  return buildAlertTest(one, { labels, annotations: annotationsOf(one.alert, one.labels?.service) });
}

describe('the rules, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('alerts');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus takes', async () => {
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': compiledRules });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(ok).toBe(true);
  });

  it.each(alertNames)('%s fires, and is silent, when it should', async (alert) => {
    const tests = alertCases.filter((one) => one.alert === alert).map(buildTest);
    const files = {
      'rules.yaml': compiledRules,
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
