import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import {
  connectAdmin,
  createNamespace,
  find,
  rbacManifest,
  settled,
  tradingPipeline,
  until,
} from './operator-under-test.ts';

/** Of all that is watched, one kind cannot be listed: what is known is half a picture. */
describe('a controller that may not list PrometheusRules', () => {
  const { url, kubeconfigs } = inject('apiServer');
  const admin = connectAdmin(kubeconfigs.admin);
  let proxy: FaultProxy;
  let controller: ControllerProcess;
  let namespace: string;

  beforeAll(async () => {
    await applyManifests(admin, readManifests(rbacManifest));
    namespace = await createNamespace(admin);
    proxy = await startFaultProxy(url, kubeconfigs.controller);
    proxy.fail({ code: 403, reason: 'Forbidden' }, /\/prometheusrules\?/);
  });
  afterAll(async () => {
    await controller?.end('SIGKILL');
    await proxy?.stop();
    admin.close();
  });

  /** Its resource is gone: whoever has the whole picture removes it. */
  const makeOrphan = () => {
    const owner = { apiVersion: API_VERSION, kind: KIND, name: 'gone', uid: '00000000-0000-4000-8000-000000000000' };
    const orphan: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace,
        name: 'gone.dashboard-overview',
        labels: { [labels.managedBy]: FIELD_MANAGER, [labels.pipeline]: 'gone' },
        ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: false }],
      },
      data: {},
    };
    return admin.apply(resources.configMap, orphan);
  };
  const orphan = () => find(admin, resources.configMap, namespace, 'gone.dashboard-overview');
  const start = () =>
    startControllerProcess({ KUBECONFIG: proxy.kubeconfig, NAMESPACES: namespace, LEADER_ELECTION: 'false' });

  it('is not ready and says which kind is missing; it writes nothing and prunes nothing', async () => {
    await makeOrphan();
    await admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, 'waits', { services: [{ name: 'backend' }] }),
    );
    controller = await start();
    const missing = 'caches not synced: prometheusrules';
    const only = new RegExp(`${missing}(?!,)`);
    await until(20_000, 'the others are synced', async () => only.test(await controller.text('/readyz')));
    expect(await controller.status('/readyz')).toBe(503);
    expect(controller.output()).toContain('reading is forbidden; give the controller its ClusterRole');
    const met = proxy.met();
    await until(20_000, 'it asks again in vain', async () => proxy.met() > met + 1);
    expect(await orphan()).toBeDefined();
    const waiting = await find(admin, resources.tradingPipeline, namespace, 'waits');
    expect(waiting).not.toHaveProperty('status');
    const requests = 'tradingpipeline_controller_api_requests_total';
    for (const verb of ['apply', 'create', 'delete', 'update'])
      expect(await controller.metric(`${requests}{verb="${verb}"`)).toBe(0);
  });

  it('goes to work when it may', async () => {
    proxy.heal();
    await settled(admin, namespace, 'waits', 40_000);
    expect(await controller.status('/readyz')).toBe(200);
    await until(5_000, 'the orphan is gone', async () => (await orphan()) === undefined);
  });
});
