import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { buildOperatorAlerts } from '#controller/compile/operator-alerts.ts';
import { buildAlertTest } from './alert-case.ts';
import { operatorAlertCases } from './operator-alert-cases.ts';
import { openPromtool, type Promtool } from './promtool.ts';

const alerts = buildOperatorAlerts({ namespace: 'ops', runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL });
const rulesOf = (chosen: typeof alerts) => ({ groups: [{ name: 'operator', rules: chosen }] });

describe('the rules of the operator on itself, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('operator-alerts');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus takes', async () => {
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': rulesOf(alerts) });
    expect(output).toContain(`SUCCESS: ${operatorAlertNames.length} rules found`);
    expect(ok).toBe(true);
  });

  it.each(alerts)('$alert fires, and is silent, when it should', async ({ alert, annotations }) => {
    const tests = operatorAlertCases
      .filter((one) => one.alert === alert)
      .map((one) => {
        const labels = { ...one.labels, service: 'controller', namespace: 'ops' };
        return buildAlertTest(one, { labels, annotations: annotations ?? {} });
      });
    const files = {
      'rules.yaml': rulesOf(alerts.filter((one) => one.alert === alert)),
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '15s', tests },
    };
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it.each(operatorAlertNames)(
    '%s fires just at its time, resolves, is quiet without work, and has its text',
    (alert) => {
      const cases = operatorAlertCases.filter((one) => one.alert === alert);
      expect(cases.some(({ silentAt = [], firesAt }) => silentAt.length > 1 && firesAt)).toBe(true);
      expect(cases.filter(({ silentAt, firesAt }) => silentAt && !firesAt).length).toBeGreaterThan(2);
      expect(cases.some(({ says, labels }) => says && labels)).toBe(true);
    },
  );
});
