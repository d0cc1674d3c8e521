import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { applyCrds, ownCrds } from '../support/setup-operator.ts';
import { startApiServer } from '../support/start-api-server.ts';
import { startOperator, until } from './operator-under-test.ts';
import { useOperator, useOwnApiServer } from './use-operator.ts';

describe('an API server', () => {
  const own = useOwnApiServer();
  const cluster = useOperator({ kubeconfigs: own.kubeconfigs });

  const apply = (name: string) => cluster.apply(name, { services: [{ name }] });
  const monitored = (name: string) =>
    until(2_000, `${name} has its monitor`, () => cluster.find(resources.serviceMonitor, `${name}.${name}`));

  it.each(['backend', 'celery-worker'])(
    'is killed and comes back: afterwards a new resource (%s) is handled within 2 s',
    async (name) => {
      await own.server.halt({ kill: true });
      await sleep(3_000);
      await own.server.start();
      await apply(name);
      await monitored(name);
    },
  );

  it('lost an object while no controller ran: it is created again', async () => {
    await apply('signal-generator');
    await monitored('signal-generator');
    const name = 'signal-generator.signal-generator';
    const uid = (await cluster.find(resources.serviceMonitor, name))?.metadata.uid;
    await cluster.operator.stop();
    await cluster.admin.delete(resources.serviceMonitor, cluster.at(name));
    await cluster.start();
    const back = await until(2_000, 'the monitor is back', () => cluster.find(resources.serviceMonitor, name));
    expect(back.metadata.uid).not.toBe(uid);
  });

  it('does not know a kind yet: the operator says so, and starts to work once the CRD is applied', async () => {
    const bare = await startApiServer();
    try {
      await applyCrds(bare.kubeconfigs.admin, [ownCrds]);
      const starting = startOperator(bare.kubeconfigs);
      await sleep(1_000);
      await applyCrds(bare.kubeconfigs.admin, [bare.crds]);
      const late = await starting;
      const errors = late.logs.filter(({ level }) => level === 'error').map(({ message }) => message);
      expect(errors).toContain('kind is unknown to the API server; apply its CustomResourceDefinition');
      await late.stop();
    } finally {
      await bare.stop();
    }
  });
});
