import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import {
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
  untilQuiet,
  writesOf,
} from './operator-under-test.ts';

const NAME = 'desk.dashboard-overview';

describe('spec.dashboards.policy', () => {
  const { kubeconfigs } = inject('apiServer');
  const admin = connectAdmin(kubeconfigs.admin);
  const older = new KubeClient({ connection: readKubeConnection(kubeconfigs.controller), fieldManager: FIELD_MANAGER });
  let operator: OperatorUnderTest;
  let namespace: string;
  let at: { namespace: string; name: string };
  beforeAll(async () => {
    namespace = await createNamespace(admin);
    at = { namespace, name: 'desk' };
    operator = await startOperator(kubeconfigs, [namespace]);
  });
  afterAll(async () => {
    await operator.stop();
    older.close();
    admin.close();
  });
  beforeEach(async () => {
    if (await find(admin, resources.tradingPipeline, namespace, 'desk'))
      await admin.delete(resources.tradingPipeline, at);
    await until(5_000, 'nothing is left', async () => !(await dashboard()));
  });

  const ask = async (policy: string, folder = 'Trading', include = ['overview']) => {
    const { metadata } = await admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, 'desk', { dashboards: { policy, folder, include } }),
    );
    await until(5_000, 'it is acted on', async () => {
      const { status } = await settled(admin, namespace, 'desk');
      return status?.observedGeneration === metadata.generation;
    });
  };
  const dashboard = () => find(admin, resources.configMap, namespace, NAME);
  const textOf = (object: KubeObject | undefined) => Object.values(object?.data ?? {})[0];
  const is = (reason: string) => untilCondition(admin, at, 'DashboardsReady', { reason });

  /** As `kubectl edit` does it: the whole object, put in the place of the one that was read. */
  async function edit(change: (object: KubeObject) => Partial<KubeObject>): Promise<void> {
    const object = await dashboard();
    if (!object) throw new Error(`there is no ConfigMap ${NAME}`);
    await admin.replace(resources.configMap, { ...object, ...change(object) });
  }
  const editText = (text: string) =>
    edit(({ data }) => ({ data: Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, text])) }));
  const folderOf = (object: KubeObject | undefined) => object?.metadata.annotations?.grafana_folder;

  /** An older version of ours, as an older controller would have left it. */
  async function age(text: string): Promise<void> {
    const object = await dashboard();
    const { apiVersion, kind, metadata, data = {} } = object ?? { apiVersion: '', kind: '', metadata: { name: '' } };
    const { name, labels, annotations, ownerReferences } = metadata;
    const seeded = { ...annotations, 'trading-platform.dev/seeded': 'an-older-one' };
    await operator.stop();
    await older.apply(resources.configMap, {
      ...{ apiVersion, kind, metadata: { namespace, name, labels, annotations: seeded, ownerReferences } },
      data: Object.fromEntries(Object.keys(data).map((key) => [key, text])),
    });
  }

  it('enforce: an edit is put right', async () => {
    await ask('enforce');
    const before = textOf(await dashboard());
    await editText('{"edited": true}');
    await until(2_000, 'it is as before', async () => textOf(await dashboard()) === before);
  });

  it('seed: an edit is kept and named, its labels stay ours, and nothing is written for it', async () => {
    await ask('seed');
    await is('DashboardsWritten');
    await untilQuiet(operator);
    await editText('{"edited": true}');
    const pipeline = await is('DashboardsEdited');
    expect(condition(pipeline, 'DashboardsReady')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(new RegExp(`edits of users are kept in ${NAME}$`)),
    });
    await untilQuiet(operator);
    operator.requests.length = 0;

    await edit(({ metadata }) => ({
      metadata: { ...metadata, labels: { ...metadata.labels, grafana_dashboard: 'false' } },
    }));
    await until(2_000, 'the label is ours again', async () => {
      return (await dashboard())?.metadata.labels?.grafana_dashboard === '1';
    });
    await ask('seed', 'Desk');
    await until(2_000, 'the folder is the new one', async () => folderOf(await dashboard()) === 'Desk');
    expect(textOf(await dashboard())).toBe('{"edited": true}');
    await untilQuiet(operator);
    const paths = writesOf(operator.requests).filter(({ path }) => path.includes('/configmaps/'));
    expect(paths).toHaveLength(2);
  });

  it('seed: what nobody edited is updated when ours changes; an edit is kept, and said to be of an older one', async () => {
    await ask('seed');
    const ours = textOf(await dashboard());
    await untilQuiet(operator);
    await restartAfter(() => age('{"older": true}'));
    await until(5_000, 'it is updated', async () => textOf(await dashboard()) === ours);

    await untilQuiet(operator);
    await restartAfter(async () => {
      await age('{"older": true}');
      await editText('{"edited": true}');
    });
    const pipeline = await untilCondition(admin, at, 'DashboardsReady', { reason: 'DashboardsEdited' });
    await until(5_000, 'it says so', async () => {
      const { message } = condition(await settled(admin, namespace, 'desk'), 'DashboardsReady') ?? {};
      return message?.endsWith(`newer versions exist: kubectl delete configmap ${NAME} installs them`);
    });
    expect(condition(pipeline, 'Ready')).toMatchObject({ status: 'True' });
    expect(textOf(await dashboard())).toBe('{"edited": true}');

    await admin.delete(resources.configMap, { namespace, name: NAME });
    await until(2_000, 'it is ours anew', async () => textOf(await dashboard()) === ours);
    await is('DashboardsWritten');
  });

  it('from enforce to seed nothing is lost, and back, ours is back; what is no longer listed goes', async () => {
    await ask('enforce');
    const ours = textOf(await dashboard());
    await ask('seed');
    await until(
      2_000,
      'it is marked',
      async () => (await dashboard())?.metadata.annotations?.['trading-platform.dev/seeded'],
    );
    expect(textOf(await dashboard())).toBe(ours);
    await editText('{"edited": true}');
    await is('DashboardsEdited');
    await ask('enforce');
    await until(2_000, 'ours is back', async () => textOf(await dashboard()) === ours);
    await is('DashboardsWritten');
    const { annotations, managedFields } = (await dashboard())?.metadata ?? {};
    expect(annotations).not.toHaveProperty('trading-platform.dev/seeded');
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: FIELD_MANAGER, operation: 'Apply' }));

    await ask('seed');
    await editText('{"edited": true}');
    await is('DashboardsEdited');
    await ask('seed', 'Trading', []);
    await until(5_000, 'it is gone', async () => !(await dashboard()));
  });

  async function restartAfter(work: () => Promise<void>): Promise<void> {
    await work();
    operator = await startOperator(kubeconfigs, [namespace]);
  }
});
