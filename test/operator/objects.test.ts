import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { generatedResources, resources } from '#controller/api/resources.ts';
import { groupsOf } from '#controller/compile/objects/rule-group.ts';
import {
  applyService,
  connectAdmin,
  createNamespace,
  find,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilCondition,
  untilQuiet,
  writesOf,
} from './operator-under-test.ts';

const everything = {
  services: serviceNames.map((name) => ({ name })),
  alerts: {},
  dashboards: { include: ['overview'] },
};

function rulesOf(object: KubeObject | undefined) {
  return groupsOf(object ?? {}).flatMap((group) => group.rules);
}

describe('what the operator makes', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  beforeAll(async () => {
    const { kubeconfigs } = inject('apiServer');
    const admin = connectAdmin(kubeconfigs.admin);
    namespace = await createNamespace(admin);
    admin.close();
    operator = await startOperator(kubeconfigs, [namespace]);
  });
  afterAll(() => operator.stop());

  const apply = (name: string, spec: object) =>
    operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, name, spec));
  const remove = (name: string) => operator.admin.delete(resources.tradingPipeline, { namespace, name });
  const generated = async (name: string) => {
    const labelSelector = `trading-platform.dev/pipeline=${name}`;
    const lists = await Promise.all(
      generatedResources.map((resource) => operator.admin.list(resource, { namespace, labelSelector })),
    );
    return lists.flatMap(({ items }) => items);
  };
  const names = (objects: readonly KubeObject[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

  /** Each test begins with nothing: two resources of one service would be in each other's way. */
  beforeEach(async () => {
    const { items } = await operator.admin.list(resources.tradingPipeline, { namespace });
    await Promise.all(items.map(({ metadata }) => remove(metadata.name)));
    for (const { metadata } of items)
      await until(5_000, 'nothing is left', async () => (await generated(metadata.name)).length === 0);
  });

  it('makes a ServiceMonitor a service, a PrometheusRule, and a ConfigMap a dashboard, owned by the resource', async () => {
    const { metadata } = await apply('full', everything);
    await settled(operator.admin, namespace, 'full');
    const objects = await generated('full');
    expect(names(objects)).toEqual([
      'ConfigMap full.dashboard-overview',
      'PrometheusRule full',
      'ServiceMonitor full.backend',
      'ServiceMonitor full.celery-worker',
      'ServiceMonitor full.signal-generator',
      'ServiceMonitor full.trigger-dispatcher',
    ]);
    for (const object of objects) {
      expect(object.metadata.ownerReferences).toMatchObject([
        { kind: 'TradingPipeline', name: 'full', uid: metadata.uid, controller: true },
      ]);
      expect(object.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': FIELD_MANAGER });
      expect(object.metadata.managedFields).toMatchObject([{ manager: FIELD_MANAGER, operation: 'Apply' }]);
    }
  });

  it('says what it made, and how many services have endpoints', async () => {
    for (const name of serviceNames)
      await applyService(operator.admin, namespace, name, 'metrics', name === 'backend' ? 0 : 2);
    await apply('status', everything);
    const { status } = await untilCondition(operator.admin, { namespace, name: 'status' }, 'Ready', { status: 'True' });
    expect(status).toMatchObject({ summary: { services: '3/4', dashboards: 1 }, observedGeneration: 1 });
    expect(status?.services).toContainEqual({ name: 'celery-worker', endpoints: 2 });
    expect(status?.resources).toHaveLength(6);
    expect(status?.summary?.alerts).toBe(
      rulesOf(await find(operator.admin, resources.prometheusRule, namespace, 'status')).length,
    );
  });

  it.each(generatedResources)('puts a deleted $kind back within 2 s', async (resource) => {
    await apply('drift', everything);
    await settled(operator.admin, namespace, 'drift');
    const [victim] = (await generated('drift')).filter(({ kind }) => kind === resource.kind);
    const before = operator.repaired.length;
    await operator.admin.delete(resource, { namespace, name: victim!.metadata.name });
    await until(2_000, 'it is back', async () => {
      const now = await find(operator.admin, resource, namespace, victim!.metadata.name);
      return now && now.metadata.uid !== victim!.metadata.uid;
    });
    await until(1_000, 'it is counted', async () => operator.repaired.length > before);
    expect(operator.repaired.slice(before)).toEqual([resource.kind]);
  });

  it('puts right what somebody changed, in a field it wrote and beside it', async () => {
    await apply('edited', everything);
    await settled(operator.admin, namespace, 'edited');
    const rule = (await find(operator.admin, resources.prometheusRule, namespace, 'edited'))!;
    const edited = structuredClone(rule.spec) as { groups: { rules: { for: string; keep_firing_for?: string }[] }[] };
    edited.groups[0]!.rules[0]!.for = '9h';
    edited.groups[0]!.rules[0]!.keep_firing_for = '9h';
    await operator.admin.apply(resources.prometheusRule, { ...identify(rule), spec: edited });
    await until(2_000, 'the rule is as it was', async () => {
      const now = await find(operator.admin, resources.prometheusRule, namespace, 'edited');
      return JSON.stringify(now?.spec) === JSON.stringify(rule.spec);
    });
  });

  it('leaves labels and annotations of others alone', async () => {
    await apply('labelled', everything);
    await settled(operator.admin, namespace, 'labelled');
    const monitor = (await find(operator.admin, resources.serviceMonitor, namespace, 'labelled.backend'))!;
    const mark = { ...identify(monitor), metadata: { ...identify(monitor).metadata, labels: { release: 'mine' } } };
    await untilQuiet(operator);
    operator.requests.length = 0;
    await operator.admin.apply(resources.serviceMonitor, mark);
    await sleep(500);
    expect(writesOf(operator.requests)).toEqual([]);
    const marked = await find(operator.admin, resources.serviceMonitor, namespace, 'labelled.backend');
    expect(marked?.metadata.labels).toMatchObject({ ...monitor.metadata.labels, release: 'mine' });
  });

  it('follows an edit of the resource', async () => {
    await apply('tuned', everything);
    await settled(operator.admin, namespace, 'tuned');
    await apply('tuned', { ...everything, alerts: { rules: { HighPipelineFailureRate: { threshold: 0.25 } } } });
    await until(2_000, 'the rule has the new threshold', async () => {
      const rules = rulesOf(await find(operator.admin, resources.prometheusRule, namespace, 'tuned'));
      return rules.find(({ alert }) => alert === 'HighPipelineFailureRate')?.expr.includes('> 0.25');
    });
  });

  it('removes what is no longer listed, and only that', async () => {
    await apply('shrinking', everything);
    await settled(operator.admin, namespace, 'shrinking');
    await apply('shrinking', { services: [{ name: 'backend' }], alerts: {} });
    await until(2_000, 'the rest is gone', async () => (await generated('shrinking')).length === 2);
    expect(names(await generated('shrinking'))).toEqual([
      'PrometheusRule shrinking',
      'ServiceMonitor shrinking.backend',
    ]);
  });

  it('writes nothing when nothing has changed: not on a restart, not on a change that makes no difference', async () => {
    for (const name of serviceNames) await applyService(operator.admin, namespace, name);
    await apply('quiet', everything);
    await untilCondition(operator.admin, { namespace, name: 'quiet' }, 'Ready', { status: 'True' });
    await untilQuiet(operator);
    const versions = async () => (await generated('quiet')).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    const again = await startOperator(inject('apiServer').kubeconfigs, [namespace]);
    operator.requests.length = 0;
    await apply('quiet', { ...everything, alerts: { rules: {} } });
    await sleep(1_000);
    await again.stop();
    expect(writesOf([...operator.requests, ...again.requests])).toEqual([]);
    expect(await versions()).toEqual(before);
  });

  it('leaves nothing behind when the resource is deleted', async () => {
    await apply('gone', everything);
    await settled(operator.admin, namespace, 'gone');
    await remove('gone');
    await until(2_000, 'everything is gone', async () => (await generated('gone')).length === 0);
  });

  it('never touches an object of another owner, and says whose name is taken', async () => {
    const foreign: KubeObject = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'clash.dashboard-overview' } },
      data: { mine: 'yes' },
    };
    const { metadata } = await operator.admin.apply(resources.configMap, foreign);
    await apply('clash', everything);
    const at = { namespace, name: 'clash' };
    const pipeline = await untilCondition(operator.admin, at, 'Conflict', { status: 'True', reason: 'NameTaken' });
    expect(pipeline.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'NameTaken' }),
    );
    expect(pipeline.status?.resources).toHaveLength(5);
    const now = await find(operator.admin, resources.configMap, namespace, 'clash.dashboard-overview');
    expect(now?.metadata.resourceVersion).toBe(metadata.resourceVersion);

    await remove('clash');
    await until(2_000, 'ours is gone', async () => (await generated('clash')).length === 0);
    expect(await find(operator.admin, resources.configMap, namespace, 'clash.dashboard-overview')).toBeDefined();
  });

  it('never deletes an object that only looks like its own', async () => {
    const labels = { 'app.kubernetes.io/managed-by': FIELD_MANAGER, 'trading-platform.dev/pipeline': 'lookalike' };
    const lookalike = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'not-yours', labels },
      data: {},
    };
    await operator.admin.apply(resources.configMap, lookalike);
    await apply('lookalike', { services: [{ name: 'backend' }] });
    await settled(operator.admin, namespace, 'lookalike');
    await remove('lookalike');
    await until(
      2_000,
      'the monitor is gone',
      async () => !(await find(operator.admin, resources.serviceMonitor, namespace, 'lookalike.backend')),
    );
    expect(await find(operator.admin, resources.configMap, namespace, 'not-yours')).toBeDefined();
    await operator.admin.delete(resources.configMap, { namespace, name: 'not-yours' });
  });
});

function identify({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { namespace: metadata.namespace, name: metadata.name } };
}
