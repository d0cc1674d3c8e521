import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '#controller/api/resources.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { applyCrds } from '../support/setup-operator.ts';
import { startApiServer, type TestApiServer } from '../support/start-api-server.ts';
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

const HOLE_MS = 30_000;
const LEADER = 'tradingpipeline_controller_leader';

/** The process as it runs in a cluster: every time at its default, leader election on. It takes the 30 s that it says. */
describe('an API server that is black-holed for 30 s', () => {
  let server: TestApiServer;
  let proxy: FaultProxy;
  let admin: KubeClient;
  let namespace: string;
  let controller: ControllerProcess;

  beforeAll(async () => {
    server = await startApiServer();
    await applyCrds(server.kubeconfigs.admin, [server.crds, join(import.meta.dirname, '..', '..', 'crds')]);
    admin = connectAdmin(server.kubeconfigs.admin);
    await applyManifests(admin, readManifests(rbacManifest));
    namespace = await createNamespace(admin);
    proxy = await startFaultProxy(server.url, server.kubeconfigs.controller);
    controller = await startControllerProcess({ KUBECONFIG: proxy.kubeconfig });
    await until(30_000, 'it leads', async () => (await controller.metric(LEADER)) === 1);
  });
  afterAll(async () => {
    await controller?.end('SIGKILL');
    await proxy?.stop();
    admin?.close();
    await server?.stop();
  });

  const apply = (name: string) => {
    const services = [{ name, selector: { matchLabels: { app: name } } }];
    return admin.apply(resources.tradingPipeline, tradingPipeline(namespace, name, { services }));
  };
  const monitor = (name: string) => find(admin, resources.serviceMonitor, namespace, `${name}.${name}`);

  it('does nothing meanwhile; afterwards a new resource is handled within 2 s, and one of meanwhile too', async () => {
    await apply('before');
    await settled(admin, namespace, 'before');
    proxy.fail('black-hole');
    await apply('meanwhile');
    await sleep(HOLE_MS);
    expect(await monitor('meanwhile')).toBeUndefined();
    expect(await controller.metric(LEADER)).toBe(0);
    proxy.heal();
    await apply('after');
    await Promise.all(['after', 'meanwhile'].map((name) => settled(admin, namespace, name, 2_000)));
    expect(await monitor('after')).toBeDefined();
    expect(await controller.metric(LEADER)).toBe(1);
  });
});
