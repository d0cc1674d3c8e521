import { describe, expect, it } from 'vitest';
import { serviceNames } from '#catalogue/services.ts';
import { generatedResources, type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { groupsOf } from '#controller/compile/objects/generated-object.ts';
import type { RequestRecord } from '#controller/kube/kube-transport.ts';
import { applyService, until, untilQuiet, writesOf } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

const everything = {
  services: serviceNames.map((name) => ({ name })),
  alerts: {},
  dashboards: { include: ['overview'] },
};

function rulesOf(object: KubeObject | undefined) {
  return groupsOf(object ?? {}).flatMap((group) => group.rules);
}

describe('generated objects', () => {
  const cluster = useOperator();
  const { apply, remove, settled, at } = cluster;
  const generated = async (name: string) => {
    const labelSelector = `trading-platform.dev/pipeline=${name}`;
    const lists = await Promise.all(
      generatedResources.map((resource) =>
        cluster.admin.list(resource, { namespace: cluster.namespace, labelSelector }),
      ),
    );
    return lists.flatMap(({ items }) => items);
  };
  const names = (objects: readonly KubeObject[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

  /**
   * Lets the operator handle one more TradingPipeline, and then the deletion of its ServiceMonitor. Each watch delivers
   * events in order, so the operator has then received all earlier events of TradingPipelines and ServiceMonitors.
   */
  const untilHandled = async (name: string) => {
    await apply(name, { services: [{ name, selector: { matchLabels: { app: name } } }] });
    await settled(name);
    const monitor = `${name}.${name}`;
    await cluster.admin.delete(resources.serviceMonitor, at(monitor));
    await until(2_000, 'the monitor is back', () => cluster.find(resources.serviceMonitor, monitor));
  };
  const writesAbout = (requests: readonly RequestRecord[], name: string) =>
    writesOf(requests).filter(({ path }) => path.includes(`/${name}`));

  it('are a ServiceMonitor for each service, a PrometheusRule and a ConfigMap for each dashboard, owned by the resource', async () => {
    const { metadata } = await apply('full', everything);
    await settled('full');
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

  it('are listed in the status, with the number of services that have endpoints', async () => {
    for (const name of serviceNames)
      await applyService(cluster.admin, cluster.namespace, name, 'metrics', name === 'backend' ? 0 : 2);
    await apply('status', everything);
    const { status } = await cluster.untilCondition('status', 'Ready', { status: 'True' });
    expect(status).toMatchObject({ summary: { services: '3/4', dashboards: 1 }, observedGeneration: 1 });
    expect(status?.services).toContainEqual({ name: 'celery-worker', endpoints: 2 });
    expect(status?.resources).toHaveLength(6);
    expect(status?.summary?.alerts).toBe(rulesOf(await cluster.find(resources.prometheusRule, 'status')).length);
  });

  it.each(generatedResources)('are created again within 2 s: a deleted $kind', async (resource) => {
    await apply('drift', everything);
    await settled('drift');
    const [victim] = (await generated('drift')).filter(({ kind }) => kind === resource.kind);
    const before = cluster.operator.repaired.length;
    await cluster.admin.delete(resource, at(victim!.metadata.name));
    await until(2_000, 'it is back', async () => {
      const now = await cluster.find(resource, victim!.metadata.name);
      return now && now.metadata.uid !== victim!.metadata.uid;
    });
    await until(1_000, 'it is counted', async () => cluster.operator.repaired.length > before);
    expect(cluster.operator.repaired.slice(before)).toEqual([resource.kind]);
  });

  it('are repaired if somebody changes a field or adds one', async () => {
    await apply('edited', everything);
    await settled('edited');
    const rule = (await cluster.find(resources.prometheusRule, 'edited'))!;
    const edited = structuredClone(rule.spec) as { groups: { rules: { for: string; keep_firing_for?: string }[] }[] };
    edited.groups[0]!.rules[0]!.for = '9h';
    edited.groups[0]!.rules[0]!.keep_firing_for = '9h';
    await cluster.admin.apply(resources.prometheusRule, { ...identify(rule), spec: edited });
    await until(2_000, 'the rule is as it was', async () => {
      const now = await cluster.find(resources.prometheusRule, 'edited');
      return JSON.stringify(now?.spec) === JSON.stringify(rule.spec);
    });
  });

  it('keep labels that others set, without a write', async () => {
    await apply('labelled', everything);
    await settled('labelled');
    const monitor = (await cluster.find(resources.serviceMonitor, 'labelled.backend'))!;
    const mark = { ...identify(monitor), metadata: { ...identify(monitor).metadata, labels: { release: 'mine' } } };
    await untilQuiet(cluster.operator);
    cluster.operator.requests.length = 0;
    await cluster.admin.apply(resources.serviceMonitor, mark);
    await untilHandled('later');
    expect(writesAbout(cluster.operator.requests, 'labelled')).toEqual([]);
    const marked = await cluster.find(resources.serviceMonitor, 'labelled.backend');
    expect(marked?.metadata.labels).toMatchObject({ ...monitor.metadata.labels, release: 'mine' });
  });

  it('follow an edit of the resource', async () => {
    await apply('tuned', everything);
    await settled('tuned');
    await apply('tuned', { ...everything, alerts: { rules: { HighPipelineFailureRate: { threshold: 0.25 } } } });
    await until(2_000, 'the rule has the new threshold', async () => {
      const rules = rulesOf(await cluster.find(resources.prometheusRule, 'tuned'));
      return rules.find(({ alert }) => alert === 'HighPipelineFailureRate')?.expr.includes('> 0.25');
    });
  });

  it('are removed once the spec no longer lists them; all other objects stay', async () => {
    await apply('shrinking', everything);
    await settled('shrinking');
    await apply('shrinking', { services: [{ name: 'backend' }], alerts: {} });
    await until(2_000, 'the rest is gone', async () => (await generated('shrinking')).length === 2);
    expect(names(await generated('shrinking'))).toEqual([
      'PrometheusRule shrinking',
      'ServiceMonitor shrinking.backend',
    ]);
  });

  it('are not written if nothing has changed, neither by a new operator nor after an edit without effect', async () => {
    for (const name of serviceNames) await applyService(cluster.admin, cluster.namespace, name);
    await apply('quiet', everything);
    await cluster.untilCondition('quiet', 'Ready', { status: 'True' });
    await untilQuiet(cluster.operator);
    const versions = async () => (await generated('quiet')).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    const first = cluster.operator;
    const again = await cluster.start();
    first.requests.length = 0;
    await apply('quiet', { ...everything, alerts: { rules: {} } });
    await untilHandled('later');
    expect(writesAbout([...first.requests, ...again.requests], 'quiet')).toEqual([]);
    expect(await versions()).toEqual(before);
  });

  it('are removed when the resource is deleted', async () => {
    await apply('gone', everything);
    await settled('gone');
    await remove('gone');
    await until(2_000, 'everything is gone', async () => (await generated('gone')).length === 0);
  });

  it('never replace an object of another owner; the condition Conflict names it', async () => {
    const foreign: KubeObject = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: at('clash.dashboard-overview') },
      data: { mine: 'yes' },
    };
    const { metadata } = await cluster.admin.apply(resources.configMap, foreign);
    await apply('clash', everything);
    const resource = await cluster.untilCondition('clash', 'Conflict', { status: 'True', reason: 'NameTaken' });
    expect(resource.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'NameTaken' }),
    );
    expect(resource.status?.resources).toHaveLength(5);
    const now = await cluster.find(resources.configMap, 'clash.dashboard-overview');
    expect(now?.metadata.resourceVersion).toBe(metadata.resourceVersion);

    await remove('clash');
    await until(2_000, 'ours is gone', async () => (await generated('clash')).length === 0);
    expect(await cluster.find(resources.configMap, 'clash.dashboard-overview')).toBeDefined();
  });

  it('are identified by their owner reference: an object with only our labels is never deleted', async () => {
    const labels = { 'app.kubernetes.io/managed-by': FIELD_MANAGER, 'trading-platform.dev/pipeline': 'lookalike' };
    const lookalike = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...at('not-yours'), labels },
      data: {},
    };
    await cluster.admin.apply(resources.configMap, lookalike);
    await apply('lookalike', { services: [{ name: 'backend' }] });
    await settled('lookalike');
    await remove('lookalike');
    await until(
      2_000,
      'the monitor is gone',
      async () => !(await cluster.find(resources.serviceMonitor, 'lookalike.backend')),
    );
    expect(await cluster.find(resources.configMap, 'not-yours')).toBeDefined();
    await cluster.admin.delete(resources.configMap, at('not-yours'));
  });
});

function identify({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { namespace: metadata.namespace, name: metadata.name } };
}
