import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { until } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

/** Shorter than in a cluster, so that the tests take seconds. */
const timing = { watchSeconds: 2, watchGraceMs: 500, relistMs: 600_000 };

describe('a connection to the API server that fails', () => {
  const { url, kubeconfigs } = inject('apiServer');
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(url, kubeconfigs.controller);
  });
  afterAll(() => proxy?.stop());
  const cluster = useOperator({
    kubeconfigs: () => ({ ...kubeconfigs, controller: proxy.kubeconfig }),
    tuning: () => ({ timing, requestTimeoutMs: 1_000 }),
  });
  afterEach(() => proxy.heal());

  let count = 0;
  const apply = async () => {
    const name = `tp-${++count}`;
    await cluster.apply(name, { services: [{ name, selector: { matchLabels: { app: name } } }] });
    return name;
  };
  const isHandledWithin2s = async () => {
    const name = await apply();
    await cluster.settled(name, 2_000);
    expect(await cluster.find(resources.serviceMonitor, `${name}.${name}`)).toBeDefined();
  };
  /** Waits until this many more requests have met the fault. */
  const untilMet = async (requests: number) => {
    const before = proxy.met();
    await until(10_000, 'requests meet the fault', async () => proxy.met() >= before + requests);
  };

  it('cuts every watch: a new resource is handled within 2 s', async () => {
    await isHandledWithin2s();
    proxy.cut();
    await isHandledWithin2s();
  });

  const answers: readonly (readonly [what: string, fault: Fault, fits: RegExp])[] = [
    ['429 with Retry-After', { code: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 }, /./],
    ['500', { code: 500, reason: 'InternalError' }, /./],
    ['410 to every watch', { code: 410, reason: 'Expired' }, /watch=true/],
    ['a reset connection', 'reset', /./],
  ];
  it.each(answers)('answers %s: afterwards a new resource is handled within 2 s', async (_what, fault, fits) => {
    proxy.fail(fault, fits);
    proxy.cut();
    await untilMet(10);
    proxy.heal();
    await isHandledWithin2s();
  });

  const loggedPauses = (message: string) =>
    cluster.operator.logs.flatMap(({ message: said, fields }) => {
      const { code = 429, retry_in_ms = 0 } = fields as { code?: number; retry_in_ms?: number };
      return said === message && code === 429 ? [retry_in_ms] : [];
    });

  it('asks for a pause with 429: watches and writes pause, and go on afterwards', async () => {
    cluster.operator.logs.length = 0;
    proxy.fail({ code: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 }, /watch=true|fieldManager/);
    const name = await apply();
    await until(5_000, 'the write is refused', async () => loggedPauses('reconcile failed').length > 0);
    proxy.cut();
    await until(5_000, 'the watches are refused', async () => loggedPauses('watch failed').length > 5);
    const before = cluster.operator.requests.length;
    proxy.heal();
    await cluster.settled(name, 6_000);
    const pauses = [...loggedPauses('reconcile failed'), ...loggedPauses('watch failed')];
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3_000);
    const kinds = Object.keys(cluster.operator.controller.watchAges()).length;
    await until(6_000, 'every kind is watched again', async () => {
      const watches = cluster.operator.requests
        .slice(before)
        .filter(({ verb, code }) => verb === 'watch' && code === 200);
      return new Set(watches.map(({ path }) => path)).size === kinds;
    });
    await isHandledWithin2s();
  });

  it('refuses only writes: afterwards a new resource and the one that waited are handled', async () => {
    proxy.fail({ code: 500, reason: 'InternalError' }, /fieldManager/);
    const name = await apply();
    await untilMet(3);
    proxy.heal();
    await isHandledWithin2s();
    await cluster.settled(name, 5_000);
  });

  it('is black-holed for longer than every deadline: afterwards a new resource is handled within 2 s', async () => {
    proxy.fail('black-hole');
    const name = await apply();
    await sleep(timing.watchSeconds * 1_500 + timing.watchGraceMs + 1_500);
    expect(await cluster.find(resources.serviceMonitor, `${name}.${name}`)).toBeUndefined();
    expect(Math.max(...Object.values(cluster.operator.controller.watchAges()))).toBeGreaterThan(timing.watchSeconds);
    proxy.heal();
    const healedAt = performance.now();
    await isHandledWithin2s();
    await cluster.settled(name, 2_000);
    // A watch without changes is heard from only at its end.
    await until(5_000, 'every watch is heard of again', async () => {
      const ages = Object.values(cluster.operator.controller.watchAges());
      return Math.max(...ages) < (performance.now() - healedAt) / 1_000;
    });
  });

  it('is quiet while every watch ends several times: nothing is listed again, and a new resource is handled', async () => {
    const before = cluster.operator.requests.length;
    const since = () => cluster.operator.requests.slice(before);
    const kinds = Object.keys(cluster.operator.controller.watchAges()).length;
    await until(30_000, 'every watch has ended and begun three times', async () => since().length >= 3 * kinds);
    expect(since().filter(({ verb }) => verb !== 'watch')).toEqual([]);
    await isHandledWithin2s();
  });
});
