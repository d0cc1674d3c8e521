import { describe, expect, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { annotations } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { condition, tradingPipeline, until } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

describe('the operator leaves alone', () => {
  const cluster = useOperator({ namespaces: 2 });
  const { apply, at, settled } = cluster;
  const pause = (name: string, paused: 'true' | 'false') => {
    const resource = tradingPipeline(cluster.namespace, name, { services: [{ name }] });
    const metadata = { ...resource.metadata, annotations: { [annotations.paused]: paused } };
    return cluster.admin.apply(resources.tradingPipeline, { ...resource, metadata });
  };
  const monitorOf = (name: string, where?: string) => cluster.find(resources.serviceMonitor, `${name}.${name}`, where);

  it('a paused resource, whose objects are not created again until it is resumed', async () => {
    await apply('backend', { services: [{ name: 'backend' }] });
    await settled('backend');
    await pause('backend', 'true');
    const paused = await until(5_000, 'it is Paused', async () => {
      const resource = (await cluster.find(resources.tradingPipeline, 'backend')) as TradingPipeline;
      return condition(resource, 'Ready')?.reason === 'Paused' && resource;
    });
    expect(condition(paused, 'Ready')).toMatchObject({ status: 'Unknown' });
    const before = cluster.operator.reconciles();
    await cluster.admin.delete(resources.serviceMonitor, at('backend.backend'));
    await until(5_000, 'the deletion is handled', async () => cluster.operator.reconciles() > before);
    expect(await monitorOf('backend')).toBeUndefined();

    await pause('backend', 'false');
    await cluster.untilCondition('backend', 'Ready', { status: 'False', reason: 'ServiceNotFound' });
    expect(await monitorOf('backend')).toBeDefined();
  });

  it('every namespace that is not on its list', async () => {
    const [own = '', unwatched = ''] = cluster.namespaces;
    await cluster.operator.stop();
    const operator = await cluster.start({ namespaces: [own] });
    await apply('celery-worker', { services: [{ name: 'celery-worker' }] }, unwatched);
    await apply('celery-worker', { services: [{ name: 'celery-worker' }] }, own);
    await settled('celery-worker');
    const resource = await cluster.find(resources.tradingPipeline, 'celery-worker', unwatched);
    expect(resource).toBeDefined();
    expect(resource).not.toHaveProperty('status');
    expect(await monitorOf('celery-worker', unwatched)).toBeUndefined();
    expect(operator.requests.filter(({ path }) => path.includes(unwatched))).toEqual([]);
  });
});
