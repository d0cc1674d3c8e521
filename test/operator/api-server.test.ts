import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '#controller/api/resources.ts';
import { applyCrds } from '../support/setup-operator.ts';
import { startApiServer, type TestApiServer } from '../support/start-api-server.ts';
import {
  createNamespace,
  find,
  type OperatorUnderTest,
  startOperator,
  tradingPipeline,
  until,
} from './operator-under-test.ts';

/** Starts an API server of its own, as it breaks it. */
describe('an API server that goes away', () => {
  let server: TestApiServer;
  let operator: OperatorUnderTest;
  let namespace: string;
  beforeAll(async () => {
    server = await startApiServer();
    await applyCrds(server.kubeconfigs.admin, [server.crds, join(import.meta.dirname, '..', '..', 'crds')]);
    operator = await startOperator(server.kubeconfigs);
    namespace = await createNamespace(operator.admin);
  });
  afterAll(async () => {
    await operator?.stop();
    await server?.stop();
  });

  const apply = (name: string) =>
    operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, name, { services: [{ name }] }));
  const monitored = (name: string, withinMs: number) =>
    until(withinMs, `${name} has its monitor`, () =>
      find(operator.admin, resources.serviceMonitor, namespace, `${name}.${name}`),
    );

  it.each(['backend', 'celery-worker'])(
    'is killed and comes back: afterwards a new resource (%s) is handled within 2 s',
    async (name) => {
      await server.halt({ kill: true });
      await sleep(3_000);
      await server.start();
      await apply(name);
      await monitored(name, 2_000);
    },
  );

  it('deleted something while nobody watched: it is put back', async () => {
    await apply('signal-generator');
    await monitored('signal-generator', 2_000);
    const name = 'signal-generator.signal-generator';
    const uid = (await find(operator.admin, resources.serviceMonitor, namespace, name))?.metadata.uid;
    await operator.controller.stop();
    await operator.admin.delete(resources.serviceMonitor, { namespace, name });
    operator = await startOperator(server.kubeconfigs);
    const back = await until(2_000, 'the monitor is back', () =>
      find(operator.admin, resources.serviceMonitor, namespace, name),
    );
    expect(back.metadata.uid).not.toBe(uid);
  });

  it('does not know the kind yet: nothing is written, and it goes on once it does', async () => {
    const bare = await startApiServer();
    try {
      await applyCrds(bare.kubeconfigs.admin, [join(import.meta.dirname, '..', '..', 'crds')]);
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
