import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/resources.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { groupsOf } from '#controller/compile/objects/rule-group.ts';
import {
  applyService,
  condition,
  connectAdmin,
  createNamespace,
  find,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilCondition,
} from './operator-under-test.ts';

describe('what the operator says', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  let other: string;
  beforeAll(async () => {
    const { kubeconfigs } = inject('apiServer');
    const admin = connectAdmin(kubeconfigs.admin);
    [namespace, other] = [await createNamespace(admin), await createNamespace(admin)];
    admin.close();
    operator = await startOperator(kubeconfigs, [namespace, other]);
  });
  afterAll(() => operator.stop());

  const apply = (name: string, spec: object, where = namespace) =>
    operator.admin.apply(resources.tradingPipeline, tradingPipeline(where, name, spec));
  const expressions = async (name: string) => {
    const rule = await find(operator.admin, resources.prometheusRule, namespace, name);
    return Object.fromEntries(
      groupsOf(rule ?? {})
        .flatMap((group) => group.rules)
        .map((rule) => [rule.alert, rule.expr]),
    );
  };

  it('names a service that does not exist, and comes right when it does', async () => {
    const at = { namespace, name: 'missing' };
    await apply('missing', { services: [{ name: 'backend' }] });
    const before = await untilCondition(operator.admin, at, 'ServicesResolved', {
      status: 'False',
      reason: 'ServiceNotFound',
    });
    expect(condition(before, 'Ready')).toMatchObject({ status: 'False', reason: 'ServiceNotFound' });
    expect(condition(before, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(condition(before, 'Ready')?.message).toContain('app.kubernetes.io/name=backend');
    expect(await find(operator.admin, resources.serviceMonitor, namespace, 'missing.backend')).toBeDefined();

    await applyService(operator.admin, namespace, 'backend', 'http');
    const wrongPort = await untilCondition(operator.admin, at, 'ServicesResolved', { reason: 'PortNotFound' });
    expect(condition(wrongPort, 'Ready')?.message).toContain('no port named metrics on Service backend (http)');

    await applyService(operator.admin, namespace, 'backend', 'metrics');
    const after = await untilCondition(operator.admin, at, 'Ready', { status: 'True', reason: 'Reconciled' });
    expect(condition(after, 'Reconciling')).toBeUndefined();
    await until(2_000, 'its endpoint is counted', async () => {
      const pipeline = (await find(operator.admin, resources.tradingPipeline, namespace, 'missing')) as TradingPipeline;
      return pipeline.status?.summary?.services === '1/1';
    });
    await operator.admin.delete(resources.tradingPipeline, at);
  });

  it('names an expression that does not parse; the other rules and the last good one stay', async () => {
    const at = { namespace, name: 'promql' };
    const spec = (expr: string, also: string) => ({
      alerts: { custom: [{ alert: 'Mine', expr }, { alert: 'Also', expr: also }] }, // biome-ignore format: one line
    });
    await apply('promql', spec('up == 0', 'vector(1)'));
    await untilCondition(operator.admin, at, 'Ready', { status: 'True' });
    await apply('promql', spec('sum(up', 'vector(2)'));
    const pipeline = await untilCondition(operator.admin, at, 'RulesLoaded', {
      status: 'False',
      reason: 'RuleDoesNotParse',
    });
    expect(condition(pipeline, 'Ready')?.message).toContain('spec.alerts.custom[alert=Mine].expr');
    expect(condition(pipeline, 'Stalled')).toMatchObject({ status: 'True', reason: 'RuleDoesNotParse' });
    expect(await expressions('promql')).toEqual({ Mine: 'up == 0', Also: 'vector(2)' });

    await apply('promql', spec('sum(up)', 'vector(2)'));
    await untilCondition(operator.admin, at, 'RulesLoaded', { reason: 'PrometheusNotConfigured' });
    expect(await expressions('promql')).toEqual({ Mine: 'sum(up)', Also: 'vector(2)' });
  });

  it('names a metric that does not exist and the one that was meant, unless it is said to come from elsewhere', async () => {
    const at = { namespace, name: 'names' };
    const custom = (expr: string, more: object = {}) => ({ alerts: { custom: [{ alert: 'Mine', expr }] }, ...more });
    const good = 'rate(pipeline_executions_total{pipeline_id="a"}[5m]) > 0';
    await apply('names', custom(good));
    await untilCondition(operator.admin, at, 'Ready', { status: 'True' });
    for (const [wrong, meant] of [
      [good.replace('executions', 'execution'), 'do you mean pipeline_executions_total?'],
      [good.replace('pipeline_id', 'pipeline'), 'do you mean pipeline_id?'],
    ] as const) {
      await apply('names', custom(wrong));
      const pipeline = await untilCondition(operator.admin, at, 'RulesLoaded', { reason: 'MetricNotFound' });
      const { message } = condition(pipeline, 'Stalled') ?? {};
      expect(message).toMatch(/^spec\.alerts\.custom\[alert=Mine\]\.expr: .*the last good rule stays/);
      await until(2_000, `it says ${meant}`, async () => {
        const now = await settled(operator.admin, namespace, 'names');
        return condition(now, 'Ready')?.message.includes(meant);
      });
      expect(await expressions('names')).toEqual({ Mine: good });
    }
    const theirs = good.replace('executions', 'execution');
    await apply('names', custom(theirs, { externalMetrics: ['pipeline_execution_*'] }));
    await untilCondition(operator.admin, at, 'Ready', { status: 'True' });
    expect(await expressions('names')).toEqual({ Mine: theirs });
  });

  it('keeps the last good rule through a restart, and puts it back when it is deleted', async () => {
    const at = { namespace, name: 'last-good' };
    const custom = (expr: string) => ({ alerts: { custom: [{ alert: 'Mine', expr }] } });
    await apply('last-good', custom('up == 0'));
    await untilCondition(operator.admin, at, 'Ready', { status: 'True' });
    const again = await startOperator(inject('apiServer').kubeconfigs, [namespace, other]);
    await apply('last-good', custom('up =='));
    await untilCondition(operator.admin, at, 'Ready', { reason: 'RuleDoesNotParse' });
    expect(await expressions('last-good')).toEqual({ Mine: 'up == 0' });
    await operator.admin.delete(resources.prometheusRule, at);
    await until(2_000, 'the last good rule is back', async () => (await expressions('last-good')).Mine === 'up == 0');
    await again.stop();
  });

  it('gives a service that two resources list to the older, until it lets go', async () => {
    await apply('older', { services: [{ name: 'celery-worker' }] });
    await untilCondition(operator.admin, { namespace, name: 'older' }, 'ServicesResolved', {});
    // Creation times have whole seconds; the name decides within one.
    await apply('younger', { services: [{ name: 'celery-worker' }, { name: 'signal-generator' }] });
    const at = { namespace, name: 'younger' };
    const pipeline = await untilCondition(operator.admin, at, 'Conflict', { status: 'True', reason: 'ServiceClaimed' });
    expect(condition(pipeline, 'Ready')?.message).toContain(
      'celery-worker is watched by the older TradingPipeline older',
    );
    expect(await find(operator.admin, resources.serviceMonitor, namespace, 'younger.celery-worker')).toBeUndefined();
    expect(await find(operator.admin, resources.serviceMonitor, namespace, 'younger.signal-generator')).toBeDefined();

    await operator.admin.delete(resources.tradingPipeline, { namespace, name: 'older' });
    await untilCondition(operator.admin, at, 'Conflict', undefined);
    expect(await find(operator.admin, resources.serviceMonitor, namespace, 'younger.celery-worker')).toBeDefined();
  });

  it('does not mind the same service in another namespace', async () => {
    await apply('one', { services: [{ name: 'backend' }] });
    await apply('two', { services: [{ name: 'backend' }] }, other);
    const pipeline = await untilCondition(operator.admin, { namespace: other, name: 'two' }, 'Ready', {});
    expect(condition(pipeline, 'Conflict')).toBeUndefined();
  });

  it('gives the same dashboard of two resources two uids and two keys', async () => {
    const dashboards = { dashboards: { include: ['overview'] } };
    await apply('board-a', dashboards);
    await untilCondition(operator.admin, { namespace, name: 'board-a' }, 'Ready', { status: 'True' });
    await apply('board-b', dashboards, other);
    await untilCondition(operator.admin, { namespace: other, name: 'board-b' }, 'Ready', { status: 'True' });
    const maps = await Promise.all([
      find(operator.admin, resources.configMap, namespace, 'board-a.dashboard-overview'),
      find(operator.admin, resources.configMap, other, 'board-b.dashboard-overview'),
    ]);
    const models = maps.flatMap((map) => Object.entries(map?.data ?? {}));
    expect(new Set(models.map(([key]) => key)).size).toBe(2);
    expect(new Set(models.map(([, json]) => JSON.parse(json).uid)).size).toBe(2);
    expect(new Set(models.map(([, json]) => JSON.parse(json).title)).size).toBe(2);
  });

  it('keeps lastTransitionTime while a status stays, and says which generation it speaks of', async () => {
    const at = { namespace, name: 'times' };
    await apply('times', { alerts: { custom: [{ alert: 'A', expr: 'vector(1)' }] } });
    const before = await untilCondition(operator.admin, at, 'Ready', { status: 'True' });
    await until(
      3_000,
      'a second has passed',
      async () => Date.now() - Date.parse(condition(before, 'Ready')!.lastTransitionTime) > 1_100,
    );
    await apply('times', { alerts: { custom: [{ alert: 'A', expr: 'vector(2)' }] } });
    const after = await untilCondition(operator.admin, at, 'Ready', { observedGeneration: 2 });
    expect(condition(after, 'Ready')?.lastTransitionTime).toBe(condition(before, 'Ready')?.lastTransitionTime);
  });
});
