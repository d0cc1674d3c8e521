import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectiveAlertNames, objectiveAlerts, objectiveNames } from '#catalogue/objectives.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import { compile } from '#controller/compile/compile.ts';
import type { RuleGroup } from '#controller/compile/rule-group.ts';
import { type ObjectiveCase, objectiveCases } from './objective-cases.ts';
import { openPromtool, type Promtool } from './promtool.ts';

function compiledRules(objectives: readonly object[]): { groups: RuleGroup[] } {
  const parsed = parseTradingPipelineSpec({ objectives, externalMetrics: ['done_total'] });
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const { objects, rejectedRules } = compile({ owner: { namespace: 'desk', name: 'tp', uid: 'u' }, spec: parsed.spec });
  expect(rejectedRules).toEqual([]);
  return objects[0]?.spec as { groups: RuleGroup[] };
}

/** Long windows after the counts that they sum. */
const groupsInOrder = ['desk.tp.objectives', 'desk.tp.objectives-long'];

/** Some cases are three days long, minute by minute. */
const LONG = 240_000;

/** The sample promtool must find: whether an alert fires. */
function firing(alert: string, at: string, fires: boolean) {
  const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
  return { expr, eval_time: at, exp_samples: fires ? [{ labels: '{}', value: 1 }] : [] };
}

function buildTest({
  what,
  every = '1m',
  series,
  fires = {},
  silent = {},
  expect: expected = [],
  says,
}: ObjectiveCase) {
  const [[alert, [firstFires] = []] = []] = Object.entries(fires);
  const summary = `Objective ${says?.labels.objective} burns its error budget ${alert === 'ObjectiveBurnsFast' ? 'fast' : 'too fast'}`;
  const annotations = {
    summary,
    description: says?.description,
    runbook_url: `${DEFAULT_RUNBOOK_BASE_URL}#${alert?.toLowerCase()}`,
    dashboard_url: '/d/trading-pipeline-execution?var-namespace=desk',
  };
  const whole = {
    exp_labels: { ...says?.labels, namespace: 'desk', tradingpipeline: 'tp' },
    exp_annotations: annotations,
  };
  return {
    name: what,
    interval: every,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      ...Object.entries(silent).flatMap(([name, times]) => times.map((at) => firing(name, at, false))),
      ...Object.entries(fires).flatMap(([name, times]) => times.map((at) => firing(name, at, true))),
      ...expected.map(({ at, expr, is }) => ({
        expr,
        eval_time: at,
        exp_samples: is === undefined ? [] : [{ labels: '{}', value: is }],
      })),
    ],
    alert_rule_test: says ? [{ eval_time: firstFires, alertname: alert, exp_alerts: [whole] }] : [],
  };
}

describe('the rules of objectives, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('objectives');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus takes', async () => {
    const rules = compiledRules(objectiveNames.flatMap((name) => [{ name }]));
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': rules });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(ok).toBe(true);
  });

  it.each(objectiveCases.map((one) => [one.what, one] as const))(
    '%s',
    async (_what, one) => {
      const test = {
        rule_files: ['rules.yaml'],
        evaluation_interval: '1m',
        group_eval_order: groupsInOrder,
        tests: [buildTest(one)],
      };
      const files = { 'rules.yaml': compiledRules(one.objectives), 'test.yaml': test };
      const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
      expect(ok, output).toBe(true);
      expect(output).toContain('SUCCESS');
    },
    LONG,
  );

  it('have a case in which each pair of windows fires, and was silent just before', () => {
    for (const name of objectiveAlertNames) {
      const both = objectiveCases.filter(
        ({ what, fires, silent }) => what.includes('pair') && fires?.[name] && silent?.[name],
      );
      expect(both.length, name).toBe(objectiveAlerts[name].windows.length);
    }
  });

  it('burn in every objective of the platform', () => {
    const named = objectiveCases.flatMap(({ objectives }) => objectives.map((one) => (one as { name: string }).name));
    for (const name of objectiveNames) expect(named).toContain(name);
  });
});
