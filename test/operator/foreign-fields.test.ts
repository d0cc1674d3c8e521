import { setTimeout as nextTurn } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { type KubeObject, type Resource, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { isConflict } from '#controller/kube/kube-error.ts';
import { condition, until, untilQuiet } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

const everything = {
  services: [{ name: 'backend' }],
  alerts: {},
  dashboards: { include: ['overview'] },
};
const broken = { name: 'extra', rules: [{ alert: 'Extra', expr: 'sum(up' }] };

/** Returns the parts of an object that the operator generates, without the fields that the API server writes. */
function generatedPart({ apiVersion: _v, kind: _k, metadata, status: _s, ...content }: KubeObject) {
  return { ...content, ownerReferences: metadata.ownerReferences };
}

type Spec = { groups: object[] };

describe('fields that other field managers add to generated objects', () => {
  const cluster = useOperator();
  const need = async (kind: Resource, name: string) => {
    const found = await cluster.find(kind as never, name);
    if (!found) throw new Error(`there is no ${kind.kind} ${name}`);
    return found;
  };
  /** Changes an object as another field manager, as `kubectl patch` does. */
  const change = async (kind: Resource, name: string, edit: (object: KubeObject) => void) => {
    const object = structuredClone(await need(kind, name));
    edit(object);
    return cluster.admin.replace(kind, object);
  };
  const untilEvent = async (reason: string, note: string) => {
    await until(10_000, `the Event ${reason} says ${note}`, async () => {
      const { items } = await cluster.admin.list(resources.event, { namespace: cluster.namespace });
      return items.some(
        (event) => 'note' in event && event.note === note && 'reason' in event && event.reason === reason,
      );
    });
  };
  const untilAsBefore = async (kind: Resource, before: KubeObject, withinMs = 5_000) => {
    await until(withinMs, `${kind.kind} ${before.metadata.name} is as before`, async () => {
      const now = await cluster.find(kind as never, before.metadata.name);
      return now && JSON.stringify(generatedPart(now)) === JSON.stringify(generatedPart(before));
    });
  };
  const start = async (spec: object = everything) => {
    await cluster.apply('desk', spec);
    await cluster.settled('desk');
    await untilQuiet(cluster.operator);
    cluster.operator.repaired.length = 0;
  };

  it.each<readonly [what: string, kind: Resource, name: string, edit: (object: KubeObject) => void]>([
    [
      'a group with an expression that does not parse',
      resources.prometheusRule,
      'desk',
      ({ spec }) => void (spec as Spec).groups.push(broken),
    ],
    [
      'a field of one of our groups',
      resources.prometheusRule,
      'desk',
      ({ spec }) => void Object.assign((spec as Spec).groups[0]!, { limit: 1, partial_response_strategy: 'warn' }),
    ],
    [
      'a group of which the API server no longer knows who added it',
      resources.prometheusRule,
      'desk',
      ({ spec, metadata }) => {
        (spec as Spec).groups.push(broken);
        metadata.managedFields = [{}];
      },
    ],
    [
      'fields of a ServiceMonitor',
      resources.serviceMonitor,
      'desk.backend',
      ({ spec }) => void Object.assign(spec as object, { sampleLimit: 1, namespaceSelector: { any: true } }),
    ],
    [
      'an endpoint, which is an item of an atomic list',
      resources.serviceMonitor,
      'desk.backend',
      ({ spec }) => void (spec as { endpoints: object[] }).endpoints.push({ port: 'other' }),
    ],
    [
      'keys of a ConfigMap, also binary ones',
      resources.configMap,
      'desk.dashboard-overview',
      (object) => {
        Object.assign(object.data!, { 'mine.json': '{}' });
        Object.assign(object, { binaryData: { 'mine.bin': 'AAAA' } });
      },
    ],
    [
      'immutable, which no update can take back',
      resources.configMap,
      'desk.dashboard-overview',
      (object) => void Object.assign(object, { immutable: true }),
    ],
    [
      'an owner',
      resources.prometheusRule,
      'desk',
      ({ metadata }) =>
        void metadata.ownerReferences!.unshift({ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }),
    ],
    [
      'an owner that is another TradingPipeline',
      resources.configMap,
      'desk.dashboard-overview',
      ({ metadata }) =>
        void metadata.ownerReferences!.unshift({
          ...metadata.ownerReferences![0]!,
          ...{ controller: false, name: 'x', uid: 'x' },
        }),
    ],
    [
      'no owner any more',
      resources.serviceMonitor,
      'desk.backend',
      ({ metadata }) => void delete metadata.ownerReferences,
    ],
    [
      'an owner that is not the controller any more',
      resources.serviceMonitor,
      'desk.backend',
      ({ metadata }) => void Object.assign(metadata.ownerReferences![0]!, { controller: false }),
    ],
  ])('are taken back and counted once: %s', async (_what, kind, name, edit) => {
    await start();
    const before = await need(kind, name);
    await change(kind, name, edit);
    await untilAsBefore(kind, before);
    await untilQuiet(cluster.operator, 300);
    expect(cluster.operator.repaired).toEqual([kind.kind]);
    const { managedFields } = (await need(kind, name)).metadata;
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: FIELD_MANAGER, operation: 'Apply' }));
    expect(managedFields).not.toContainEqual(expect.objectContaining({ manager: FIELD_MANAGER, operation: 'Update' }));
    expect(condition(await cluster.settled('desk'), 'ForeignFields')).toBeUndefined();
  });

  it('are taken back if an older version of the operator set them by an update, under the same name of a field manager', async () => {
    await start();
    const before = await need(resources.configMap, 'desk.dashboard-overview');
    const older = new KubeClient({
      connection: readKubeConnection(inject('apiServer').kubeconfigs.admin),
      fieldManager: FIELD_MANAGER,
    });
    await older.replace(resources.configMap, { ...before, data: { ...before.data, 'older.json': '{}' } });
    older.close();
    await untilAsBefore(resources.configMap, before);
  });

  it('stay as labels and annotations, without a write', async () => {
    await start();
    const before = await need(resources.prometheusRule, 'desk');
    cluster.operator.requests.length = 0;
    const marked = await change(resources.prometheusRule, 'desk', ({ metadata }) => {
      metadata.labels!['argocd.argoproj.io/instance'] = 'x';
      metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    });
    await change(
      resources.serviceMonitor,
      'desk.backend',
      ({ spec }) => void Object.assign(spec as object, { sampleLimit: 1 }),
    );
    await until(5_000, 'a later change is taken back', async () => cluster.operator.repaired.length > 0);
    const now = await need(resources.prometheusRule, 'desk');
    expect(now.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    expect(generatedPart(now)).toEqual(generatedPart(before));
    expect(cluster.operator.repaired).toEqual(['ServiceMonitor']);
  });

  it('are named with object, field and manager in an Event when they are taken back', async () => {
    await start();
    await change(resources.prometheusRule, 'desk', ({ spec }) => void (spec as Spec).groups.push(broken));
    await untilEvent(
      'FieldsTakenBack',
      'The controller took back PrometheusRule desk: spec.groups[extra] added by kubectl',
    );
  });

  it('report: stay, are named at once in a condition and an Event, and do not count as repaired', async () => {
    await start({ ...everything, foreignFields: 'report' });
    const ours = await need(resources.prometheusRule, 'desk');
    await change(resources.prometheusRule, 'desk', ({ spec }) => void (spec as Spec).groups.push(broken));
    const group = 'PrometheusRule desk: spec.groups[extra] added by kubectl';
    await cluster.untilCondition('desk', 'ForeignFields', { status: 'True', reason: 'FieldsAdded', message: group });
    await untilEvent('FieldsAdded', `ForeignFields: ${group}`);
    await cluster.untilCondition('desk', 'Ready', { reason: 'ServiceNotFound' });

    await change(
      resources.serviceMonitor,
      'desk.backend',
      ({ spec }) => void Object.assign(spec as object, { sampleLimit: 1 }),
    );
    const both = `ServiceMonitor desk.backend: spec.sampleLimit added by kubectl; ${group}`;
    await cluster.untilCondition('desk', 'ForeignFields', { message: both });
    await untilEvent('FieldsAdded', `ForeignFields: ${both}`);
    expect(cluster.operator.repaired).toEqual([]);

    // a restarted operator knows the additions again, and a change of our own field is still repaired
    await cluster.operator.stop();
    const again = await cluster.start();
    await cluster.untilCondition('desk', 'ForeignFields', { message: both });
    await untilQuiet(again, 300);
    await change(resources.prometheusRule, 'desk', ({ spec }) => {
      (spec as { groups: { rules: { expr: string }[] }[] }).groups[0]!.rules[0]!.expr = 'vector(1)';
    });
    await until(5_000, 'our rule is as before', async () => {
      const { groups } = (await need(resources.prometheusRule, 'desk')).spec as Spec;
      return JSON.stringify(groups.slice(0, -1)) === JSON.stringify((ours.spec as Spec).groups);
    });
    await until(5_000, 'the repair is counted', async () => again.repaired.length > 0);
    expect(again.repaired).toEqual(['PrometheusRule']);

    await cluster.apply('desk', { ...everything, foreignFields: 'remove' });
    await untilAsBefore(resources.prometheusRule, ours);
    await cluster.untilCondition('desk', 'ForeignFields', undefined);
    await untilEvent('ForeignFieldsGone', `ForeignFields is over: ${both}`);
  });

  it('are not fought over without end: repairs pause longer and longer, and the condition names the manager', async () => {
    await start();
    const before = await need(resources.prometheusRule, 'desk');
    let isFighting = true;
    let additions = 0;
    const fight = (async () => {
      while (isFighting) {
        const { spec, metadata } = await need(resources.prometheusRule, 'desk');
        const { groups } = spec as Spec;
        if (groups.some((group) => (group as { name: string }).name === 'extra')) await nextTurn(20);
        else {
          const object = { ...before, metadata, spec: { groups: [...groups, broken] } };
          await cluster.admin.replace(resources.prometheusRule, object).then(() => additions++, ignoreConflict);
        }
      }
    })();
    const since = performance.now();
    const message = expect.stringMatching(
      /^PrometheusRule desk: spec\.groups\[extra\] added by kubectl\. The controller repairs/,
    );
    const named = await cluster.untilCondition('desk', 'ForeignFields', { reason: 'FieldsContested' }, 10_000);
    expect(condition(named, 'ForeignFields')).toMatchObject({ status: 'True', message });
    expect(condition(named, 'Ready')).toMatchObject({ status: 'False', reason: 'FieldsContested' });
    await until(10_000, 'the eighth addition', async () => additions >= 8);
    // five at once, then after 1, 2 and 4 s
    expect(performance.now() - since).toBeGreaterThan(3_000);
    isFighting = false;
    await fight;
    await untilAsBefore(resources.prometheusRule, before, 15_000);
    await cluster.untilCondition('desk', 'ForeignFields', undefined);
    expect(cluster.operator.repaired.length).toBeLessThanOrEqual(additions);
  });
});

function ignoreConflict(error: unknown): void {
  if (!isConflict(error)) throw error;
}
