import { describe, expect, it } from 'vitest';
import { findMonitoring, type MonitoredResource, type MonitoringInput } from './monitoring.ts';
import { buildPrometheusAnswer, type PrometheusView, type RawAnswers } from './prometheus-view.ts';

const monitored: MonitoredResource = {
  namespace: 'desk',
  name: 'tp',
  monitors: [{ service: 'backend', monitor: 'tp.backend' }],
  groups: [{ name: 'desk.tp.services', rules: ['ServiceDown', 'ServiceDown'] }],
  objectives: [{ name: 'pipeline-success', target: 95 }],
  dashboards: ['tp.dashboard-overview'],
  unwrittenDashboards: [],
};
const pool = 'serviceMonitor/desk/tp.backend/0';
const up = { scrapePool: pool, scrapeUrl: 'http://10.0.0.1:8001/metrics', health: 'up', lastError: '' };
const down = { ...up, scrapeUrl: 'http://10.0.0.2:8001/metrics', health: 'down', lastError: 'HTTP status 404' };
const rule = { name: 'ServiceDown', health: 'ok' };
const identity = { tradingpipeline: 'tp', namespace: 'desk' };
const firing = { state: 'firing', labels: { alertname: 'ServiceDown', ...identity } };

function answered(raw: Partial<RawAnswers>): PrometheusView {
  const whole: RawAnswers = {
    targets: [up],
    groups: [{ name: 'desk.tp.services', rules: [rule, rule] }],
    alerts: [],
    objectives: [],
    ...raw,
  };
  return { state: 'answered', answer: buildPrometheusAnswer(whole) };
}

function monitoring(prometheus: PrometheusView, more: Partial<MonitoringInput> = {}) {
  return findMonitoring({
    monitored,
    monitors: { state: 'selected' },
    rules: { state: 'selected' },
    dashboards: [{ name: 'tp.dashboard-overview', labels: { grafana_dashboard: '1' } }],
    prometheus,
    nowMs: 1_000_000,
    writtenAtMs: undefined,
    ...more,
  });
}
const justWritten = { writtenAtMs: 990_000 };
const notSelected: MonitoringInput['rules'] = {
  state: 'notSelected',
  objects: ['tp'],
  prometheus: 'monitoring/kps',
  gaps: [{ on: 'object', wanted: 'release=kps', message: 'its ruleSelector wants release=kps on the PrometheusRule' }],
};

describe('TargetsUp', () => {
  const targetsOf = (targets: RawAnswers['targets'], more?: Partial<MonitoringInput>) =>
    monitoring(answered({ targets }), more).targetsUp;

  it('counts only the targets of the monitors of this resource', () => {
    const others = { ...down, scrapePool: 'serviceMonitor/desk/other/0' };
    expect(targetsOf([up, others])).toEqual({
      status: 'True',
      reason: 'AllTargetsUp',
      message: '1 of 1 targets are up',
    });
  });

  it('names targets that are down, with the error', () => {
    expect(targetsOf([up, down])).toEqual({
      status: 'False',
      reason: 'TargetsDown',
      message: '1 of 2 targets are up. backend http://10.0.0.2:8001/metrics: HTTP status 404',
    });
  });

  it('names three targets and counts the rest', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...down, scrapeUrl: `http://10.0.0.${index}` }));
    expect(targetsOf(many)?.message).toMatch(/and 17 more$/);
  });

  it('waits for targets of an object that was just written, and reports them missing later', () => {
    expect(targetsOf([], justWritten)).toMatchObject({ status: 'Unknown', reason: 'WaitingForPrometheus' });
    expect(targetsOf([])).toMatchObject({ status: 'False', reason: 'TargetsMissing' });
    expect(targetsOf([], { monitors: { state: 'noPrometheus' } })?.message).toContain('MonitorsSelected says why');
  });

  it('does not count a target as up or down before its first scrape', () => {
    expect(targetsOf([{ ...up, health: 'unknown' }])).toMatchObject({ status: 'Unknown', message: /^0 of 1/ });
  });
});

describe('RulesLoaded', () => {
  const rulesOf = (groups: RawAnswers['groups'], more?: Partial<MonitoringInput>) =>
    monitoring(answered({ groups }), more).rulesLoaded;
  const group = (...rules: readonly { name: string; health: string; lastError?: string }[]) => [
    { name: 'desk.tp.services', rules },
  ];

  it('is True if all rules are loaded and none fails', () => {
    expect(rulesOf(group(rule, rule))).toMatchObject({ status: 'True', reason: 'RulesEvaluated' });
  });

  it('is False if Prometheus has an older form of a group, and Unknown just after a write', () => {
    expect(rulesOf(group(rule))).toMatchObject({ status: 'False', reason: 'RulesNotLoaded' });
    expect(rulesOf([], justWritten)).toMatchObject({ status: 'Unknown', reason: 'WaitingForPrometheus' });
  });

  it('names the buckets that exist if an objective reads one that does not', () => {
    const of = { ...identity, objective: 'mine', metric: 'my_seconds_bucket', wanted: 'le="7"' };
    const bucket = (le: string, labels: object = of) => ({
      metric: { __name__: 'objective:bucket_missing:info', le, ...labels },
      value: [1, '1'] as const,
    });
    const objectives = ['+Inf', '10.0', '0.5', '5.0'].map((le) => bucket(le));
    const groups = group(rule, rule);
    expect(monitoring(answered({ groups, objectives })).rulesLoaded).toEqual({
      status: 'False',
      reason: 'BucketNotFound',
      message:
        'spec.objectives[name=mine]: my_seconds_bucket has no bucket le="7"; it has 0.5, 5.0, 10.0, +Inf. Its bad events are not counted, and its alerts do not fire',
    });
    const ofOther = [bucket('5.0', { ...of, tradingpipeline: 'other' })];
    expect(monitoring(answered({ groups, objectives: ofOther })).rulesLoaded).toMatchObject({ status: 'True' });
  });

  it('names the label that keeps a rule from being loaded, even if Prometheus is not configured', () => {
    const wanted = { status: 'False', reason: 'RulesNotLoaded', message: expect.stringContaining('release=kps') };
    expect(rulesOf([], { rules: notSelected })).toMatchObject(wanted);
    expect(monitoring({ state: 'notConfigured' }, { rules: notSelected }).rulesLoaded).toMatchObject(wanted);
  });

  it('is True if Prometheus has the rules, whatever the selectors say', () => {
    expect(rulesOf(group(rule, rule), { rules: notSelected })).toMatchObject({ status: 'True' });
  });

  it('names the rule that fails, with the error', () => {
    const failing = { ...rule, health: 'err', lastError: 'many-to-many matching' };
    expect(rulesOf(group(rule, failing))).toMatchObject({
      status: 'False',
      reason: 'RuleFails',
      message: expect.stringContaining('ServiceDown: many-to-many matching'),
    });
  });
});

describe('figures', () => {
  const series = (name: string, value: string, more = {}) => ({
    metric: { __name__: name, ...identity, objective: 'pipeline-success', ...more },
    value: [0, value] as const,
  });
  const objectives = [
    series('objective:success:ratio', '0.97254', { window: '30d' }),
    series('objective:error_budget_remaining:ratio', '0.4508', { window: '30d' }),
    series('objective:burn_rate:ratio', '0.6149', { window: '1h' }),
  ];

  it('counts the alerts that fire for this resource', () => {
    const alerts = [
      firing,
      firing,
      { ...firing, state: 'pending' },
      { ...firing, labels: { ...firing.labels, namespace: 'x' } },
      // An alert of one's own keeps the namespace of its series; tradingpipeline_namespace says whose it is.
      { ...firing, labels: { ...firing.labels, namespace: 'x', tradingpipeline_namespace: 'desk' } },
      { ...firing, labels: { ...firing.labels, tradingpipeline_namespace: 'x' } },
    ];
    expect(monitoring(answered({ alerts })).alerts).toEqual({ firing: 3, names: ['ServiceDown'] });
    expect(monitoring(answered({})).alerts).toEqual({ firing: 0 });
  });

  it('reports no count of alerts while no rule is loaded', () => {
    expect(monitoring(answered({ groups: [] })).alerts).toBeUndefined();
  });

  it('reports the objectives in percent', () => {
    expect(monitoring(answered({ objectives })).objectives).toEqual([
      { name: 'pipeline-success', target: 95, current: 97.254, budgetRemaining: 45.1, burnRate: 0.61 },
    ]);
  });

  it('ignores NaN, and samples of another resource', () => {
    const wrong = [
      series('objective:success:ratio', 'NaN'),
      series('objective:success:ratio', '0.5', { namespace: 'x' }),
    ];
    expect(monitoring(answered({ objectives: wrong })).objectives).toEqual([{ name: 'pipeline-success', target: 95 }]);
  });

  it.each(['notConfigured', 'waiting', 'unreachable'] as const)('are absent while Prometheus is %s', (state) => {
    const known = monitoring(state === 'unreachable' ? { state, error: 'refused' } : { state });
    expect(known.alerts).toBeUndefined();
    expect(known.objectives).toBeUndefined();
    expect([known.targetsUp?.status, known.rulesLoaded?.status]).toEqual(['Unknown', 'Unknown']);
  });
});

describe('MonitorsSelected', () => {
  const selected = (monitors: MonitoringInput['monitors']) =>
    monitoring({ state: 'waiting' }, { monitors }).monitorsSelected;

  it('names the missing label, and the field that adds it', () => {
    const answer = selected({ ...notSelected, objects: ['tp.backend'] });
    expect(answer).toMatchObject({ status: 'False', reason: 'LabelMissing' });
    expect(answer?.message).toContain('Set spec.labels of the TradingPipeline to {release: "kps"}');
  });

  it('distinguishes a cluster without Prometheus objects from one whose Prometheus objects cannot be listed', () => {
    expect(selected({ state: 'noPrometheus' })).toMatchObject({ status: 'False', reason: 'PrometheusNotFound' });
    expect(selected({ state: 'unreadable' })).toMatchObject({ status: 'Unknown' });
  });
});

describe('DashboardsReady', () => {
  it('is False without the label that the sidecar looks for', () => {
    const dashboards = [{ name: 'tp.dashboard-overview', labels: {} }];
    expect(monitoring({ state: 'waiting' }, { dashboards }).dashboardsReady).toMatchObject({
      reason: 'DashboardLabelMissing',
      message: expect.stringContaining('tp.dashboard-overview'),
    });
  });

  it('names edited dashboards, and how to install newer versions', () => {
    const edited = ['tp.dashboard-cost', 'tp.dashboard-overview'].map((name, place) => ({
      ...{ name, isOutdated: place === 1 },
    }));
    const verdict = (editedDashboards: typeof edited) =>
      monitoring({ state: 'waiting' }, { monitored: { ...monitored, editedDashboards } }).dashboardsReady;
    const kept = { status: 'True', reason: 'DashboardsEdited' };
    expect(verdict(edited.slice(0, 1))).toMatchObject({
      ...kept,
      message: expect.stringMatching(/; edits of users are kept in tp\.dashboard-cost$/),
    });
    expect(verdict(edited)).toMatchObject({
      ...kept,
      message: expect.stringMatching(
        /newer versions exist: kubectl delete configmap tp\.dashboard-overview installs them$/,
      ),
    });
  });

  it('is False without the rules that record counts for dashboards, once Prometheus has had time to load them', () => {
    const verdict = (names: readonly string[], more?: Partial<MonitoringInput>) =>
      monitoring(answered({ groups: names.map((name) => ({ name, rules: [rule] })) }), more).dashboardsReady;
    const counts = 'trading-platform.dashboard-counts';
    expect(verdict(['desk.tp.services'])).toMatchObject({ status: 'False', reason: 'CountsNotRecorded' });
    expect(verdict(['desk.tp.services'])?.message).toContain(counts);
    expect(verdict(['desk.tp.services'], justWritten)).toMatchObject({ status: 'True' });
    expect(verdict([counts])).toMatchObject({ status: 'True', reason: 'DashboardsWritten' });
  });

  it('names dashboards that could not be written', () => {
    const unwritten = { ...monitored, unwrittenDashboards: ['tp.dashboard-cost'] };
    expect(monitoring({ state: 'waiting' }, { monitored: unwritten }).dashboardsReady).toMatchObject({
      status: 'False',
      message: expect.stringContaining('tp.dashboard-cost'),
    });
  });
});

it('reports nothing for a resource without objects', () => {
  const bare = { ...monitored, monitors: [], groups: [], objectives: [], dashboards: [] };
  expect(monitoring(answered({}), { monitored: bare })).toEqual({});
});
