import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels } from '#controller/api/names.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import { until } from './operator-under-test.ts';
import { useCluster } from './use-operator.ts';

/** A controller that cannot list the objects of a kind must not conclude that these objects do not exist. */
describe('a controller that may not list PrometheusRules', () => {
  const { url, kubeconfigs } = inject('apiServer');
  const cluster = useCluster();
  let proxy: FaultProxy;
  let controller: ControllerProcess;
  beforeEach(async () => {
    proxy = await startFaultProxy(url, kubeconfigs.controller);
    proxy.fail({ code: 403, reason: 'Forbidden' }, /\/prometheusrules\?/);
  });
  afterEach(async () => {
    await controller?.end('SIGKILL');
    await proxy?.stop();
  });

  /**
   * Creates a generated object whose TradingPipeline does not exist. A controller with synced caches deletes such an
   * object.
   */
  const makeOrphan = () => {
    const owner = { apiVersion: API_VERSION, kind: KIND, name: 'gone', uid: '00000000-0000-4000-8000-000000000000' };
    const orphan: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...cluster.at('gone.dashboard-overview'),
        labels: { [labels.managedBy]: FIELD_MANAGER, [labels.pipeline]: 'gone' },
        ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: false }],
      },
      data: {},
    };
    return cluster.admin.apply(resources.configMap, orphan);
  };
  const orphan = () => cluster.find(resources.configMap, 'gone.dashboard-overview');

  it('is not ready, names the kind, and writes nothing until RBAC allows it to list the kind', async () => {
    await makeOrphan();
    await cluster.apply('waits', { services: [{ name: 'backend' }] });
    const environment = { NAMESPACES: cluster.namespace, LEADER_ELECTION: 'false' };
    controller = await startControllerProcess({ KUBECONFIG: proxy.kubeconfig, ...environment });
    const only = /caches not synced: prometheusrules(?!,)/;
    await until(20_000, 'the caches of the other kinds are synced', async () =>
      only.test(await controller.text('/readyz')),
    );
    expect(await controller.status('/readyz')).toBe(503);
    expect(controller.output()).toContain('reading is forbidden; give the controller its ClusterRole');
    const met = proxy.met();
    await until(20_000, 'it asks again in vain', async () => proxy.met() > met + 1);
    expect(await orphan()).toBeDefined();
    expect(await cluster.find(resources.tradingPipeline, 'waits')).not.toHaveProperty('status');
    const requests = 'tradingpipeline_controller_api_requests_total';
    for (const verb of ['apply', 'create', 'delete', 'update'])
      expect(await controller.metric(`${requests}{verb="${verb}"`)).toBe(0);

    proxy.heal();
    await cluster.settled('waits', 40_000);
    expect(await controller.status('/readyz')).toBe(200);
    await until(5_000, 'the orphan is gone', async () => (await orphan()) === undefined);
  });
});
