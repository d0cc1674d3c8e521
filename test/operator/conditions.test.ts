import { describe, expect, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { groupsOf } from '#controller/compile/objects/generated-object.ts';
import { applyService, condition, until } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

describe('conditions', () => {
  const cluster = useOperator({ namespaces: 2 });
  const { apply, remove, at, untilCondition } = cluster;
  const other = () => cluster.namespaces[1] ?? '';
  const expressions = async (name: string) => {
    const rule = await cluster.find(resources.prometheusRule, name);
    return Object.fromEntries(
      groupsOf(rule ?? {})
        .flatMap((group) => group.rules)
        .map((rule) => [rule.alert, rule.expr]),
    );
  };

  it('name a service that does not exist, then its missing port, and turn True once the service and its port exist', async () => {
    await apply('missing', { services: [{ name: 'backend' }] });
    const before = await untilCondition('missing', 'ServicesResolved', {
      status: 'False',
      reason: 'ServiceNotFound',
    });
    expect(condition(before, 'Ready')).toMatchObject({ status: 'False', reason: 'ServiceNotFound' });
    expect(condition(before, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(condition(before, 'Ready')?.message).toContain('app.kubernetes.io/name=backend');
    expect(await cluster.find(resources.serviceMonitor, 'missing.backend')).toBeDefined();

    await applyService(cluster.admin, cluster.namespace, 'backend', 'http');
    const wrongPort = await untilCondition('missing', 'ServicesResolved', { reason: 'PortNotFound' });
    expect(condition(wrongPort, 'Ready')?.message).toContain('no port named metrics on Service backend (http)');

    await applyService(cluster.admin, cluster.namespace, 'backend', 'metrics');
    const after = await untilCondition('missing', 'Ready', { status: 'True', reason: 'Reconciled' });
    expect(condition(after, 'Reconciling')).toBeUndefined();
    await until(2_000, 'its endpoint is counted', async () => {
      const resource = (await cluster.find(resources.tradingPipeline, 'missing')) as TradingPipeline;
      return resource.status?.summary?.services === '1/1';
    });
  });

  it('name an expression that does not parse; the other rules change and the last good rule stays', async () => {
    const spec = (expr: string, also: string) => ({
      alerts: { custom: [{ alert: 'Mine', expr }, { alert: 'Also', expr: also }] }, // biome-ignore format: one line
    });
    await apply('promql', spec('up == 0', 'vector(1)'));
    await untilCondition('promql', 'Ready', { status: 'True' });
    await apply('promql', spec('sum(up', 'vector(2)'));
    const resource = await untilCondition('promql', 'RulesLoaded', {
      status: 'False',
      reason: 'RuleDoesNotParse',
    });
    expect(condition(resource, 'Ready')?.message).toContain('spec.alerts.custom[alert=Mine].expr');
    expect(condition(resource, 'Stalled')).toMatchObject({ status: 'True', reason: 'RuleDoesNotParse' });
    expect(await expressions('promql')).toEqual({ Mine: 'up == 0', Also: 'vector(2)' });

    await apply('promql', spec('sum(up)', 'vector(2)'));
    await untilCondition('promql', 'RulesLoaded', { reason: 'PrometheusNotConfigured' });
    expect(await expressions('promql')).toEqual({ Mine: 'sum(up)', Also: 'vector(2)' });
  });

  it('name what is too complex to check, while other resources go on', async () => {
    const alert = (alert: string, expr: string, summary: string) => ({ alert, expr, annotations: { summary } });
    const custom = [
      alert('Linear', 'up{job=~"(b*|c*){60}d"} == 0', 'x'),
      alert('Large', `up{job=~"${'x{1000}'.repeat(500)}"} == 0`, 'x'),
      alert('Deep', 'up == 0', `{{ ${'('.repeat(4_080)} }}`),
    ];
    await apply('complex', { alerts: { custom } });
    await apply('beside', { alerts: { custom: [alert('Beside', 'up == 0', 'x')] } });
    await untilCondition('beside', 'Ready', { status: 'True' });
    const resource = await untilCondition('complex', 'Ready', { status: 'False', reason: 'RuleTooComplex' });
    const { message } = condition(resource, 'Stalled') ?? {};
    expect(message).toMatch(/alert=Large\]\.expr: .*alert=Deep\]\.annotations\.summary: /);
    expect(await expressions('complex')).toEqual({ Linear: 'up{job=~"(b*|c*){60}d"} == 0' });
  });

  it('name an unknown metric and the nearest known one, unless spec.externalMetrics lists it', async () => {
    const custom = (expr: string, more: object = {}) => ({ alerts: { custom: [{ alert: 'Mine', expr }] }, ...more });
    const good = 'rate(pipeline_executions_total{pipeline_id="a"}[5m]) > 0';
    await apply('names', custom(good));
    await untilCondition('names', 'Ready', { status: 'True' });
    for (const [wrong, meant] of [
      [good.replace('executions', 'execution'), 'do you mean pipeline_executions_total?'],
      [good.replace('pipeline_id', 'pipeline'), 'do you mean pipeline_id?'],
    ] as const) {
      await apply('names', custom(wrong));
      const resource = await untilCondition('names', 'RulesLoaded', { reason: 'MetricNotFound' });
      const { message } = condition(resource, 'Stalled') ?? {};
      expect(message).toMatch(/^spec\.alerts\.custom\[alert=Mine\]\.expr: .*the last good rule stays/);
      await until(2_000, `it says ${meant}`, async () => {
        const now = await cluster.settled('names');
        return condition(now, 'Ready')?.message.includes(meant);
      });
      expect(await expressions('names')).toEqual({ Mine: good });
    }
    const theirs = good.replace('executions', 'execution');
    await apply('names', custom(theirs, { externalMetrics: ['pipeline_execution_*'] }));
    await untilCondition('names', 'Ready', { status: 'True' });
    expect(await expressions('names')).toEqual({ Mine: theirs });
  });

  it('show a rule that does not parse after a restart, while the last good rule stays and is created again if deleted', async () => {
    const custom = (expr: string) => ({ alerts: { custom: [{ alert: 'Mine', expr }] } });
    await apply('last-good', custom('up == 0'));
    await untilCondition('last-good', 'Ready', { status: 'True' });
    await cluster.operator.controller.stop();
    await cluster.start();
    await apply('last-good', custom('up =='));
    await untilCondition('last-good', 'Ready', { reason: 'RuleDoesNotParse' });
    expect(await expressions('last-good')).toEqual({ Mine: 'up == 0' });
    await cluster.admin.delete(resources.prometheusRule, at('last-good'));
    await until(2_000, 'the last good rule is back', async () => (await expressions('last-good')).Mine === 'up == 0');
  });

  it('report a service that two resources list as claimed by the older resource, until that resource is deleted', async () => {
    await apply('older', { services: [{ name: 'celery-worker' }] });
    await untilCondition('older', 'ServicesResolved', {});
    // The operator compares creation times, which have a resolution of one second. For equal times it compares names,
    // and `older` sorts before `younger`.
    await apply('younger', { services: [{ name: 'celery-worker' }, { name: 'signal-generator' }] });
    const resource = await untilCondition('younger', 'Conflict', { status: 'True', reason: 'ServiceClaimed' });
    expect(condition(resource, 'Ready')?.message).toContain(
      'celery-worker is watched by the older TradingPipeline older',
    );
    expect(await cluster.find(resources.serviceMonitor, 'younger.celery-worker')).toBeUndefined();
    expect(await cluster.find(resources.serviceMonitor, 'younger.signal-generator')).toBeDefined();

    await remove('older');
    await untilCondition('younger', 'Conflict', undefined);
    expect(await cluster.find(resources.serviceMonitor, 'younger.celery-worker')).toBeDefined();
  });

  it('show no conflict over the same service in another namespace', async () => {
    await apply('one', { services: [{ name: 'backend' }] });
    await apply('two', { services: [{ name: 'backend' }] }, other());
    const resource = await untilCondition('two', 'Ready', {}, undefined, other());
    expect(condition(resource, 'Conflict')).toBeUndefined();
  });

  it('are True if two resources list the same dashboard; its two copies have different uids, titles and keys', async () => {
    const dashboards = { dashboards: { include: ['overview'] } };
    await apply('board-a', dashboards);
    await untilCondition('board-a', 'Ready', { status: 'True' });
    await apply('board-b', dashboards, other());
    await untilCondition('board-b', 'Ready', { status: 'True' }, undefined, other());
    const maps = await Promise.all([
      cluster.find(resources.configMap, 'board-a.dashboard-overview'),
      cluster.find(resources.configMap, 'board-b.dashboard-overview', other()),
    ]);
    const models = maps.flatMap((map) => Object.entries(map?.data ?? {}));
    expect(new Set(models.map(([key]) => key)).size).toBe(2);
    expect(new Set(models.map(([, json]) => JSON.parse(json).uid)).size).toBe(2);
    expect(new Set(models.map(([, json]) => JSON.parse(json).title)).size).toBe(2);
  });

  it('keep lastTransitionTime while the status does not change, and have the observed generation', async () => {
    await apply('times', { alerts: { custom: [{ alert: 'A', expr: 'vector(1)' }] } });
    const before = await untilCondition('times', 'Ready', { status: 'True' });
    await until(
      3_000,
      'a second has passed',
      async () => Date.now() - Date.parse(condition(before, 'Ready')!.lastTransitionTime) > 1_100,
    );
    await apply('times', { alerts: { custom: [{ alert: 'A', expr: 'vector(2)' }] } });
    const after = await untilCondition('times', 'Ready', { observedGeneration: 2 });
    expect(condition(after, 'Ready')?.lastTransitionTime).toBe(condition(before, 'Ready')?.lastTransitionTime);
  });
});
