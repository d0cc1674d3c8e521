import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertNames } from '#catalogue/alerts.ts';
import { alertCases } from './alert-cases.ts';
import { buildPlatformTest, platformRules, rulesOfAlert } from './platform-rules.ts';
import { openPromtool, type Promtool } from './promtool.ts';

describe('the rules, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('alerts');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus accepts', async () => {
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': platformRules });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(ok).toBe(true);
  });

  it.each(alertNames)('%s fires and is silent as its cases say', async (alert) => {
    const tests = alertCases.filter((one) => one.alert === alert).map(buildPlatformTest);
    const files = {
      'rules.yaml': { groups: [{ name: 'alert', rules: rulesOfAlert(alert) }] },
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '15s', tests },
    };
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it.each(alertNames)(
    '%s has a case with silence and firing, a silent case, and a case with its text and labels',
    (alert) => {
      const cases = alertCases.filter((one) => one.alert === alert);
      expect(cases.some(({ silentAt, firesAt }) => silentAt && firesAt)).toBe(true);
      expect(cases.some(({ silentAt, firesAt }) => silentAt && !firesAt)).toBe(true);
      expect(cases.some(({ says, labels }) => says && labels)).toBe(true);
    },
  );
});
