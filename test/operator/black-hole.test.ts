import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import { until } from './operator-under-test.ts';
import { useCluster, useOwnApiServer } from './use-operator.ts';

const HOLE_MS = 30_000;
const LEADER = 'tradingpipeline_controller_leader';

/** The process with every time at its default and leader election on. The test takes the 30 s in its name. */
describe('an API server that is black-holed for 30 s', () => {
  const own = useOwnApiServer();
  const cluster = useCluster({ kubeconfigs: own.kubeconfigs });
  let proxy: FaultProxy;
  let controller: ControllerProcess;
  beforeEach(async () => {
    proxy = await startFaultProxy(own.server.url, own.server.kubeconfigs.controller);
    controller = await startControllerProcess({ KUBECONFIG: proxy.kubeconfig });
    await until(30_000, 'it leads', async () => (await controller.metric(LEADER)) === 1);
  });
  afterEach(async () => {
    await controller?.end('SIGKILL');
    await proxy?.stop();
  });

  const apply = (name: string) =>
    cluster.apply(name, { services: [{ name, selector: { matchLabels: { app: name } } }] });
  const monitor = (name: string) => cluster.find(resources.serviceMonitor, `${name}.${name}`);

  it('stops the controller from leading and writing; afterwards new resources of that time are handled within 2 s', async () => {
    await apply('before');
    await cluster.settled('before');
    proxy.fail('black-hole');
    await apply('meanwhile');
    await sleep(HOLE_MS);
    expect(await monitor('meanwhile')).toBeUndefined();
    expect(await controller.metric(LEADER)).toBe(0);
    proxy.heal();
    await apply('after');
    await Promise.all(['after', 'meanwhile'].map((name) => cluster.settled(name, 2_000)));
    expect(await monitor('after')).toBeDefined();
    expect(await controller.metric(LEADER)).toBe(1);
  });
});
