import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { annotations } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
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
} from './operator-under-test.ts';

/** Longer than a reconcile takes by far. */
const NOTHING_HAPPENS_MS = 500;

describe('what the loop leaves alone', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  let unwatched: string;
  beforeAll(async () => {
    const { kubeconfigs } = inject('apiServer');
    const admin = connectAdmin(kubeconfigs.admin);
    [namespace, unwatched] = [await createNamespace(admin), await createNamespace(admin)];
    admin.close();
    operator = await startOperator(kubeconfigs, [namespace]);
  });
  afterAll(() => operator.stop());

  const apply = (where: string, name: string, paused?: 'true' | 'false') => {
    const pipeline = tradingPipeline(where, name, { services: [{ name }] });
    const given = paused && { [annotations.paused]: paused };
    return operator.admin.apply(resources.tradingPipeline, {
      ...pipeline,
      metadata: { ...pipeline.metadata, annotations: given },
    });
  };
  const monitor = (where: string, name: string) =>
    find(operator.admin, resources.serviceMonitor, where, `${name}.${name}`);

  it('is a resource that is paused: it says so, writes nothing, and goes on afterwards', async () => {
    const at = { namespace, name: 'backend' };
    await apply(namespace, 'backend');
    await settled(operator.admin, namespace, 'backend');
    await apply(namespace, 'backend', 'true');
    const paused = await until(5_000, 'it says that it is paused', async () => {
      const pipeline = (await find(operator.admin, resources.tradingPipeline, namespace, 'backend')) as TradingPipeline;
      return pipeline && condition(pipeline, 'Ready')?.reason === 'Paused' && pipeline;
    });
    expect(condition(paused, 'Ready')).toMatchObject({ status: 'Unknown' });
    await operator.admin.delete(resources.serviceMonitor, { namespace, name: 'backend.backend' });
    await sleep(NOTHING_HAPPENS_MS);
    expect(await monitor(namespace, 'backend')).toBeUndefined();

    await apply(namespace, 'backend', 'false');
    await untilCondition(operator.admin, at, 'Ready', { status: 'False', reason: 'ServiceNotFound' });
    expect(await monitor(namespace, 'backend')).toBeDefined();
  });

  it('is every namespace that is not on its list', async () => {
    await apply(unwatched, 'celery-worker');
    await apply(namespace, 'celery-worker');
    await settled(operator.admin, namespace, 'celery-worker');
    await sleep(NOTHING_HAPPENS_MS);
    const pipeline = await find(operator.admin, resources.tradingPipeline, unwatched, 'celery-worker');
    expect(pipeline).toBeDefined();
    expect(pipeline?.status).toBeUndefined();
    expect(await monitor(unwatched, 'celery-worker')).toBeUndefined();
    expect(operator.requests.filter(({ path }) => path.includes(unwatched))).toEqual([]);
  });
});
