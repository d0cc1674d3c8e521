import { afterAll, describe, expect, inject, it } from 'vitest';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { condition, until, untilQuiet, writesOf } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

const NAME = 'desk.dashboard-overview';

describe('spec.dashboards.policy', () => {
  const { kubeconfigs } = inject('apiServer');
  const older = new KubeClient({ connection: readKubeConnection(kubeconfigs.controller), fieldManager: FIELD_MANAGER });
  const cluster = useOperator();
  afterAll(() => older.close());

  const ask = async (policy: string, folder = 'Trading', include = ['overview']) => {
    const { metadata } = await cluster.apply('desk', { dashboards: { policy, folder, include } });
    await until(5_000, 'it is acted on', async () => {
      const { status } = await cluster.settled('desk');
      return status?.observedGeneration === metadata.generation;
    });
  };
  const dashboard = () => cluster.find(resources.configMap, NAME);
  const textOf = (object: KubeObject | undefined) => Object.values(object?.data ?? {})[0];
  const is = (reason: string) => cluster.untilCondition('desk', 'DashboardsReady', { reason });

  /** Edits the dashboard's ConfigMap as `kubectl edit` does: reads the object and replaces the whole object. */
  async function edit(change: (object: KubeObject) => Partial<KubeObject>): Promise<void> {
    const object = await dashboard();
    if (!object) throw new Error(`there is no ConfigMap ${NAME}`);
    await cluster.admin.replace(resources.configMap, { ...object, ...change(object) });
  }
  const editText = (text: string) =>
    edit(({ data }) => ({ data: Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, text])) }));
  const folderOf = (object: KubeObject | undefined) => object?.metadata.annotations?.grafana_folder;

  /** Stops the operator and writes the dashboard as an older controller would have written it. */
  async function age(text: string): Promise<void> {
    const object = await dashboard();
    const { apiVersion, kind, metadata, data = {} } = object ?? { apiVersion: '', kind: '', metadata: { name: '' } };
    const { name, labels, annotations, ownerReferences } = metadata;
    const seeded = { ...annotations, 'trading-platform.dev/seeded': 'an-older-one' };
    await cluster.operator.stop();
    await older.apply(resources.configMap, {
      ...{ apiVersion, kind, metadata: { ...cluster.at(name), labels, annotations: seeded, ownerReferences } },
      data: Object.fromEntries(Object.keys(data).map((key) => [key, text])),
    });
  }

  it('enforce: an edit is overwritten', async () => {
    await ask('enforce');
    const before = textOf(await dashboard());
    await editText('{"edited": true}');
    await until(2_000, 'it is as before', async () => textOf(await dashboard()) === before);
  });

  it('seed: an edit is kept and the condition names it; only labels and annotations are written', async () => {
    await ask('seed');
    await is('DashboardsWritten');
    await untilQuiet(cluster.operator);
    await editText('{"edited": true}');
    const resource = await is('DashboardsEdited');
    expect(condition(resource, 'DashboardsReady')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(new RegExp(`edits of users are kept in ${NAME}$`)),
    });
    await untilQuiet(cluster.operator);
    cluster.operator.requests.length = 0;

    await edit(({ metadata }) => ({
      metadata: { ...metadata, labels: { ...metadata.labels, grafana_dashboard: 'false' } },
    }));
    await until(2_000, 'the label is ours again', async () => {
      return (await dashboard())?.metadata.labels?.grafana_dashboard === '1';
    });
    await ask('seed', 'Desk');
    await until(2_000, 'the folder is the new one', async () => folderOf(await dashboard()) === 'Desk');
    expect(textOf(await dashboard())).toBe('{"edited": true}');
    await untilQuiet(cluster.operator);
    const paths = writesOf(cluster.operator.requests).filter(({ path }) => path.includes('/configmaps/'));
    expect(paths).toHaveLength(2);
  });

  it('seed: an unedited dashboard is updated; an edited one is kept and reported as outdated', async () => {
    await ask('seed');
    const ours = textOf(await dashboard());
    await untilQuiet(cluster.operator);
    await restartAfter(() => age('{"older": true}'));
    await until(5_000, 'it is updated', async () => textOf(await dashboard()) === ours);

    await untilQuiet(cluster.operator);
    await restartAfter(async () => {
      await age('{"older": true}');
      await editText('{"edited": true}');
    });
    const resource = await is('DashboardsEdited');
    await until(5_000, 'it says so', async () => {
      const { message } = condition(await cluster.settled('desk'), 'DashboardsReady') ?? {};
      return message?.endsWith(`newer versions exist: kubectl delete configmap ${NAME} installs them`);
    });
    expect(condition(resource, 'Ready')).toMatchObject({ status: 'True' });
    expect(textOf(await dashboard())).toBe('{"edited": true}');

    await cluster.admin.delete(resources.configMap, cluster.at(NAME));
    await until(2_000, 'it is ours anew', async () => textOf(await dashboard()) === ours);
    await is('DashboardsWritten');
  });

  it('from enforce to seed only `editable` changes, back to enforce an edit is overwritten, and an unlisted dashboard is deleted', async () => {
    await ask('enforce');
    const ours = textOf(await dashboard());
    await ask('seed');
    await until(
      2_000,
      'it is marked',
      async () => (await dashboard())?.metadata.annotations?.['trading-platform.dev/seeded'],
    );
    expect(textOf(await dashboard())).toBe(ours?.replace('"editable": false', '"editable": true'));
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
    await cluster.start();
  }
});
