import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { compile } from '#controller/compile/compile.ts';
import { isAlertRule, type RuleGroup } from '#controller/compile/objects/generated-object.ts';
import { specOf } from '../support/spec-of.ts';
import type { ObjectiveCase } from './objective-case.ts';
import type { Trial } from './trial.ts';

/**
 * Compiles the rule groups of a TradingPipeline that has only objectives: first the counts, then the long windows that
 * sum these counts.
 */
export function compileGroups(name: string, raw: object): readonly RuleGroup[] {
  const { objects, rejectedRules } = compile({ owner: { namespace: 'desk', name, uid: 'u' }, spec: specOf(raw) });
  if (rejectedRules.length > 0) throw new Error(JSON.stringify(rejectedRules));
  return objects.flatMap(({ spec }) => (spec as { groups: RuleGroup[] }).groups);
}

export function isLongGroup({ name }: RuleGroup): boolean {
  return name.endsWith('-long');
}

const rulesOnRecorded = {
  counts: (group: RuleGroup) => (isLongGroup(group) ? [group] : []),
  'burn rates': (group: RuleGroup) =>
    isLongGroup(group) ? [] : [{ ...group, rules: group.rules.filter(isAlertRule) }],
} as const satisfies Record<NonNullable<ObjectiveCase['recorded']>, (group: RuleGroup) => RuleGroup[]>;

export function buildObjectiveTrial(one: ObjectiveCase): Trial {
  const groups = compileGroups('tp', { objectives: one.objectives, externalMetrics: ['done_*'] });
  return {
    groups: one.recorded ? groups.flatMap(rulesOnRecorded[one.recorded]) : groups,
    every: one.runs ?? '1m',
    tests: [buildTest(one)],
  };
}

function buildTest({
  what,
  every = '1m',
  series,
  fires = {},
  silent = {},
  expect: expected = [],
  says,
}: ObjectiveCase): object {
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

/** Builds the check that an alert fires or does not fire at a time. */
function firing(alert: string, at: string, fires: boolean) {
  const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
  return { expr, eval_time: at, exp_samples: fires ? [{ labels: '{}', value: 1 }] : [] };
}
