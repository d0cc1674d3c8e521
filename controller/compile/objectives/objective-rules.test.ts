import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { objectiveNames, objectiveSeries } from '#catalogue/objectives.ts';
import { specOf } from '../../../test/support/spec-of.ts';
import { parseTradingPipelineSpec } from '../../api/trading-pipeline.ts';
import { checkTemplate } from '../alerts/check-template.ts';
import { type CompileInput, compile } from '../compile.ts';
import type { RuleGroup } from '../objects/generated-object.ts';
import { buildSharedObjectiveGroups } from '../objects/shared-rules.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

function compiled(objectives: readonly object[], more: Partial<CompileInput> = {}, rest: object = {}) {
  return compile({ owner, spec: specOf({ objectives, externalMetrics: ['a', 'a_total'], ...rest }), ...more });
}

function rulesOf(...input: Parameters<typeof compiled>) {
  const groups = (compiled(...input).objects[0]?.spec as { groups: RuleGroup[] } | undefined)?.groups ?? [];
  return groups.filter(({ name }) => name.includes('.objectives')).flatMap(({ rules }) => rules);
}

const problemsOf = (objective: object) => parseTradingPipelineSpec({ objectives: [objective] });
const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'] };
const indicator = { pipelineLatency: { below: '10s' } };
const custom = (fields: object) => ({ name: 'mine', target: 90, indicator: { custom: fields } });

describe('objectives', () => {
  it('need only a name if they are in the catalogue', () => {
    const rules = rulesOf(objectiveNames.map((name) => ({ name })));
    const budgets = rules.filter((rule) => 'record' in rule && rule.record === objectiveSeries.errorBudget);
    expect(budgets.map(({ expr, labels }) => [labels?.objective, expr])).toEqual([
      ['pipeline-success', 'vector(0.05)'],
      ['pipeline-latency', 'vector(0.05)'],
      ['publish-success', 'vector(0.001)'],
      ['api-availability', 'vector(0.005)'],
    ]);
    for (const { expr, annotations = {} } of rules) {
      expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
      for (const text of Object.values(annotations)) expect(checkTemplate(text)).toBeUndefined();
    }
  });

  it('share the window rules of a resource: each further objective adds only two counts, a budget and two alerts', () => {
    const sizes = [1, 2, 3].map((count) => rulesOf(objectiveNames.slice(0, count).map((name) => ({ name }))).length);
    expect([(sizes[1] ?? 0) - (sizes[0] ?? 0), (sizes[2] ?? 0) - (sizes[1] ?? 0)]).toEqual([5, 5]);
  });

  it('name their resource in every rule', () => {
    const rules = rulesOf(
      [{ name: 'api-availability' }],
      {},
      { alerts: { labels: { team: 'desk' }, runbookBaseUrl: 'https://w' } },
    );
    const alerts = rules.filter(({ alert }) => alert);
    expect(alerts.map(({ labels }) => labels)).toEqual([
      {
        team: 'desk',
        severity: 'critical',
        service: 'backend',
        namespace: 'desk',
        tradingpipeline: 'tp',
        objective: 'api-availability',
      },
      {
        team: 'desk',
        severity: 'warning',
        service: 'backend',
        namespace: 'desk',
        tradingpipeline: 'tp',
        objective: 'api-availability',
      },
    ]);
    expect(alerts[0]?.annotations?.runbook_url).toBe('https://w#objectiveburnsfast');
    for (const { expr, labels } of rules) expect(JSON.stringify([expr, labels])).toContain('desk');
  });

  it('fire with the severities and the volume that the resource sets', () => {
    const alerting = { page: { enabled: false }, ticket: { severity: 'info' }, minEvents: 40 };
    const alerts = rulesOf([{ name: 'pipeline-success', alerting }]).filter(({ alert }) => alert);
    expect(alerts.map(({ alert, labels }) => [alert, labels?.severity])).toEqual([['ObjectiveBurnsSlowly', 'info']]);
    expect(alerts[0]?.expr.match(/>= 40/g)).toHaveLength(2);
  });

  it.each([
    [95, ['14.4', '6', '3', '1']],
    [90, ['8.2', '6', '3', '1']],
    [50, ['1.8', '1.8', '1.8', '1']],
  ])('with a target of %d %% never require a burn rate that cannot be reached', (target, factors) => {
    const exprs = rulesOf([{ name: 'pipeline-success', target }]).map((rule) => (rule.alert ? rule.expr : ''));
    const found = [...exprs.join('\n').matchAll(/^\(.*\} > ([\d.]+)$/gm)].map(([, factor]) => factor);
    expect(found).toEqual(factors);
  });

  it('count only the declared pipeline for metrics with the label pipeline_id, also with a latency limit of their own', () => {
    const fast = { name: 'fast', target: 90, indicator: { pipelineLatency: { below: '5s' } } };
    const [executions, requests] = [fast, { name: 'api-availability' }].map((one) => {
      return rulesOf([one], {}, { pipeline })[0]?.expr;
    });
    expect(executions).toContain(
      'pipeline_execution_duration_seconds_count{job=~"backend|celery-worker",pipeline_id="desk.tp"}',
    );
    expect(requests).not.toContain('pipeline_id');
  });

  it('of a declared pipeline are counted by shared rules: the resource adds only error budgets, their remainders and alerts', () => {
    const rules = rulesOf([{ name: 'pipeline-success' }, { name: 'slow', target: 90, indicator }], {}, { pipeline });
    const named = rules.map((rule) => [
      'record' in rule ? rule.record : rule.alert,
      rule.labels?.objective,
      rule.labels?.indicator,
    ]);
    expect(named).toEqual([
      [objectiveSeries.errorBudget, 'pipeline-success', 'pipeline-success'],
      [objectiveSeries.errorBudget, 'slow', 'pipeline-latency'],
      ['ObjectiveBurnsFast', 'pipeline-success', undefined],
      ['ObjectiveBurnsFast', 'slow', undefined],
      [objectiveSeries.success, undefined, undefined],
      [objectiveSeries.budgetRemaining, undefined, undefined],
      [objectiveSeries.exhaustion, undefined, undefined],
      ['ObjectiveBurnsSlowly', 'pipeline-success', undefined],
      ['ObjectiveBurnsSlowly', 'slow', undefined],
    ]);
    expect(rules[0]?.labels).toMatchObject({ pipeline_id: 'desk.tp' });
    const shared = buildSharedObjectiveGroups().flatMap((group) => group.rules);
    for (const { expr } of shared) expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
  });

  it.each([
    ['a number', { total: '1', good: 'a_total' }, 'total', 'must be a selector of counters'],
    ['a sum without $window', { total: 'a_total', good: 'sum(a_total)' }, 'good', 'must be a selector of counters'],
    ['a shifted selector', { total: 'a_total', bad: 'a_total offset 5m' }, 'bad', 'must be a selector of counters'],
    ['no PromQL', { total: 'a_total{', bad: 'a_total' }, 'total', 'does not parse'],
    ['a number over $window', { total: 'scalar(increase(a[$window]))', bad: 'a' }, 'total', 'sum() takes a vector'],
    ['a way out of the brackets', { total: 'up) or (rate(a[$window])', bad: 'a' }, 'total', 'does not parse'],
  ])('leave out custom events that are %s, and name the field', (_what, fields, field, message) => {
    const { objects, rejectedRules } = compiled([custom(fields)]);
    expect(rejectedRules).toEqual([
      {
        reason: 'RuleDoesNotParse',
        path: `spec.objectives[name=mine].indicator.custom.${field}`,
        message: expect.stringContaining(message),
        lastGoodKept: false,
      },
    ]);
    expect(objects).toEqual([]);
  });

  it('leave out events of unknown metrics, and report the position in the expression of the user', () => {
    const { rejectedRules } = compiled([
      custom({ total: 'increase(a_total[$window])', bad: 'increase(a_total[$window]) - increase(b_total[$window])' }),
    ]);
    expect(rejectedRules).toMatchObject([
      { reason: 'MetricNotFound', message: expect.stringMatching(/no metric b_total;.*\(at position 39\)$/) },
    ]);
  });

  it('keep the last valid rules while custom events are invalid', () => {
    const good = compiled([custom({ total: 'a_total', bad: 'a_total{b="c"}' }), { name: 'pipeline-success' }]);
    const wrong = [custom({ total: 'a_total', bad: 'a_total{b=' }), { name: 'pipeline-success' }];
    const bad = compiled(wrong, { lastGoodRules: good.customRules });
    expect(bad.rejectedRules).toMatchObject([{ lastGoodKept: true }]);
    expect(bad.objects).toEqual(good.objects);
  });

  it.each([
    ['an unknown objective without a target', { name: 'mine', indicator: { pipelineSuccess: {} } }, 'target'],
    ['an unknown objective without an indicator', { name: 'mine', target: 95 }, 'indicator'],
    [
      'two indicators',
      { name: 'mine', target: 95, indicator: { pipelineSuccess: {}, publishSuccess: {} } },
      'indicator',
    ],
    ['no indicator', { name: 'mine', target: 95, indicator: {} }, 'indicator'],
    ['good and bad', custom({ total: 'a', good: 'b', bad: 'c' }), 'indicator.custom'],
    ['neither good nor bad', custom({ total: 'a' }), 'indicator.custom'],
    ['no total', custom({ good: 'a' }), 'indicator.custom.total'],
    ['a target of everything', { name: 'pipeline-success', target: 100 }, 'target'],
    ['a target of nothing', { name: 'pipeline-success', target: 0 }, 'target'],
    ['another window', { name: 'pipeline-success', window: '1h' }, 'window'],
    [
      'a latency between two bounds',
      { name: 'a', target: 9, indicator: { pipelineLatency: { below: '9s' } } },
      'indicator.pipelineLatency.below',
    ],
  ])('refuse %s, and name the field', (_what, objective, field) => {
    expect(problemsOf(objective)).toMatchObject({
      problems: [expect.stringContaining(`spec.objectives[0].${field}: `)],
    });
  });
});
