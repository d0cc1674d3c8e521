import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { operatorAlertCases } from './operator-alert-cases.ts';
import { buildOperatorTest, operatorRules } from './operator-rules.ts';
import { openPromtool, type Promtool } from './promtool.ts';

const rulesOf = (chosen: typeof operatorRules) => ({ groups: [{ name: 'operator', rules: chosen }] });

describe('the rules of the operator on itself, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('operator-alerts');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus accepts', async () => {
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], {
      'rules.yaml': rulesOf(operatorRules),
    });
    expect(output).toContain(`SUCCESS: ${operatorAlertNames.length} rules found`);
    expect(ok).toBe(true);
  });

  it.each(operatorRules)('$alert fires and is silent as its cases say', async ({ alert }) => {
    const tests = operatorAlertCases.filter((one) => one.alert === alert).map(buildOperatorTest);
    const files = {
      'rules.yaml': rulesOf(operatorRules.filter((one) => one.alert === alert)),
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '15s', tests },
    };
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it.each(operatorAlertNames)(
    '%s has a case that is silent twice and fires, more than two silent cases, and a case with its text and labels',
    (alert) => {
      const cases = operatorAlertCases.filter((one) => one.alert === alert);
      expect(cases.some(({ silentAt = [], firesAt }) => silentAt.length > 1 && firesAt)).toBe(true);
      expect(cases.filter(({ silentAt, firesAt }) => silentAt && !firesAt).length).toBeGreaterThan(2);
      expect(cases.some(({ says, labels }) => says && labels)).toBe(true);
    },
  );
});
