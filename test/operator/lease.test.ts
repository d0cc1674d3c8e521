import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import type { Lease } from '#controller/kube/lease.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { applyCrds } from '../support/setup-operator.ts';
import { startApiServer, type TestApiServer } from '../support/start-api-server.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import {
  connectAdmin,
  createNamespace,
  find,
  LEASE_NAMESPACE,
  rbacManifest,
  settled,
  tradingPipeline,
  until,
} from './operator-under-test.ts';

const DURATION_MS = 3_000;
const RETRY_MS = 300;
const APPLIES = 'tradingpipeline_controller_api_requests_total{verb="apply"';
const LEADER = 'tradingpipeline_controller_leader';

/** On an API server of its own: nobody else may have the lease. */
describe('two controllers', () => {
  let server: TestApiServer;
  let admin: KubeClient;
  let namespace: string;
  let first: ControllerProcess;
  let second: ControllerProcess;
  let applies: number;

  const start = () =>
    startControllerProcess({
      KUBECONFIG: server.kubeconfigs.controller,
      LEASE_DURATION_MS: String(DURATION_MS),
      LEASE_RENEW_DEADLINE_MS: '2000',
      LEASE_RETRY_MS: String(RETRY_MS),
    });
  beforeAll(async () => {
    server = await startApiServer();
    await applyCrds(server.kubeconfigs.admin, [server.crds, join(import.meta.dirname, '..', '..', 'crds')]);
    admin = connectAdmin(server.kubeconfigs.admin);
    await applyManifests(admin, readManifests(rbacManifest));
    namespace = await createNamespace(admin);
    first = await start();
    await until(20_000, 'the first leads', async () => (await first.metric(LEADER)) === 1);
    second = await start();
    await until(20_000, 'the second is ready', async () => (await second.status('/readyz')) === 200);
  });
  afterAll(async () => {
    await Promise.all([first?.end('SIGKILL'), second?.end('SIGKILL')]);
    admin?.close();
    await server?.stop();
  });

  const apply = (name: string) =>
    admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, name, { services: [{ name }], alerts: {}, dashboards: { include: ['overview'] } }),
    );
  const written = async () => {
    const kinds = [resources.serviceMonitor, resources.prometheusRule, resources.configMap, resources.tradingPipeline];
    const lists = await Promise.all(kinds.map((kind) => admin.list<KubeObject>(kind, { namespace })));
    return Object.fromEntries(
      lists.flatMap(({ items }) =>
        items.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion]),
      ),
    );
  };

  it('stand by ready, and only one of them writes', async () => {
    await apply('backend');
    await settled(admin, namespace, 'backend');
    expect([await first.metric(LEADER), await second.metric(LEADER)]).toEqual([1, 0]);
    applies = await first.metric(APPLIES);
    expect(applies).toBeGreaterThanOrEqual(4);
    expect(await second.metric(APPLIES)).toBe(0);
    expect(await second.metric('tradingpipeline_controller_queue_depth')).toBe(0);
  });

  it('lose the leader by kill -9: the other takes over within the lease, and writes nothing a second time', async () => {
    const before = await written();
    await first.end('SIGKILL');
    await apply('celery-worker');
    const killedAt = performance.now();
    const taken = DURATION_MS + 2 * RETRY_MS + 1_000;
    await until(taken, 'the second leads', async () => (await second.metric(LEADER)) === 1);
    await settled(admin, namespace, 'celery-worker', 2_000);
    expect(performance.now() - killedAt).toBeGreaterThan(1_000);
    expect(await written()).toMatchObject(before);
    // No more than the first wrote for a resource like this one.
    expect(await second.metric(APPLIES)).toBeLessThanOrEqual(applies);
  });

  it('hand over on SIGTERM at once, after the last write', async () => {
    first = await start();
    await until(20_000, 'the other is ready', async () => (await first.status('/readyz')) === 200);
    expect(await second.end('SIGTERM')).toBe(0);
    expect(second.output()).toContain('released the lease');
    await until(2 * RETRY_MS + 500, 'the other leads', async () => (await first.metric(LEADER)) === 1);
    const lease = (await find(admin, resources.lease, LEASE_NAMESPACE, FIELD_MANAGER)) as Lease;
    expect(lease.spec?.leaseTransitions).toBeGreaterThanOrEqual(2);
    await apply('signal-generator');
    await settled(admin, namespace, 'signal-generator', 2_000);
  });
});
