import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import type { Lease } from '#controller/kube/lease.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import { find, LEASE_NAMESPACE, until } from './operator-under-test.ts';
import { useCluster, useOwnApiServer } from './use-operator.ts';

const DURATION_MS = 3_000;
const RETRY_MS = 300;
const APPLIES = 'tradingpipeline_controller_api_requests_total{verb="apply"';
const LEADER = 'tradingpipeline_controller_leader';

/** These tests have their own API server, so that no other controller takes the Lease. */
describe('two controllers', () => {
  const { kubeconfigs } = useOwnApiServer();
  const cluster = useCluster({ kubeconfigs });
  let first: ControllerProcess;
  let second: ControllerProcess;

  const start = () =>
    startControllerProcess({
      KUBECONFIG: kubeconfigs().controller,
      NAMESPACES: cluster.namespace,
      LEASE_DURATION_MS: String(DURATION_MS),
      LEASE_RENEW_DEADLINE_MS: '2000',
      LEASE_RETRY_MS: String(RETRY_MS),
    });
  beforeEach(async () => {
    first = await start();
    await until(20_000, 'the first leads', async () => (await first.metric(LEADER)) === 1);
    second = await start();
    await until(20_000, 'the second is ready', async () => (await second.status('/readyz')) === 200);
  });
  afterEach(() => Promise.all([first?.end('SIGKILL'), second?.end('SIGKILL')]));

  const apply = (name: string) =>
    cluster.apply(name, { services: [{ name }], alerts: {}, dashboards: { include: ['overview'] } });
  const written = async () => {
    const kinds = [resources.serviceMonitor, resources.prometheusRule, resources.configMap, resources.tradingPipeline];
    const lists = await Promise.all(
      kinds.map((kind) => cluster.admin.list<KubeObject>(kind, { namespace: cluster.namespace })),
    );
    return Object.fromEntries(
      lists.flatMap(({ items }) =>
        items.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion]),
      ),
    );
  };

  it('are both ready, and only the leader writes', async () => {
    await apply('backend');
    await cluster.settled('backend');
    expect([await first.metric(LEADER), await second.metric(LEADER)]).toEqual([1, 0]);
    expect(await first.metric(APPLIES)).toBeGreaterThanOrEqual(4);
    expect(await second.metric(APPLIES)).toBe(0);
    expect(await second.metric('tradingpipeline_controller_queue_depth')).toBe(0);
  });

  it('survive a kill -9 of the leader: the other controller leads within the lease duration, and writes nothing a second time', async () => {
    await apply('backend');
    await cluster.settled('backend');
    // Events are written after the status, so count the apply requests only when the controller writes nothing more.
    let applies = 0;
    await until(10_000, 'the first has written its Events', async () => {
      const before = applies;
      applies = await first.metric(APPLIES);
      await sleep(300);
      return applies > 0 && applies === before;
    });
    const before = await written();
    await first.end('SIGKILL');
    await apply('celery-worker');
    const killedAt = performance.now();
    const taken = DURATION_MS + 2 * RETRY_MS + 1_000;
    await until(taken, 'the second leads', async () => (await second.metric(LEADER)) === 1);
    await cluster.settled('celery-worker', 2_000);
    expect(performance.now() - killedAt).toBeGreaterThan(1_000);
    expect(await written()).toMatchObject(before);
    // The second controller sends no more apply requests than the first one needed for one such TradingPipeline.
    expect(await second.metric(APPLIES)).toBeLessThanOrEqual(applies);
  });

  it('hand over on SIGTERM at once: the leader releases the Lease', async () => {
    const transitions = async () => {
      const lease = (await find(cluster.admin, resources.lease, LEASE_NAMESPACE, FIELD_MANAGER)) as Lease;
      return lease.spec?.leaseTransitions ?? 0;
    };
    const before = await transitions();
    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.output()).toContain('released the lease');
    await until(2 * RETRY_MS + 500, 'the other leads', async () => (await second.metric(LEADER)) === 1);
    expect(await transitions()).toBe(before + 1);
    await apply('signal-generator');
    await cluster.settled('signal-generator', 2_000);
  });
});
