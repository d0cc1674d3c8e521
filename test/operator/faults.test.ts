import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/resources.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import {
  createNamespace,
  find,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
} from './operator-under-test.ts';

/** Times as short as tests need them; what they stand for in a cluster is minutes. */
const timing = { watchSeconds: 2, watchGraceMs: 500, relistMs: 600_000 };

describe('a connection to the API server that fails', () => {
  const { url, kubeconfigs } = inject('apiServer');
  let proxy: FaultProxy;
  let operator: OperatorUnderTest;
  let namespace: string;
  let count = 0;

  beforeAll(async () => {
    proxy = await startFaultProxy(url, kubeconfigs.controller);
    const through = { admin: kubeconfigs.admin, controller: proxy.kubeconfig };
    operator = await startOperator(through, undefined, { timing, requestTimeoutMs: 1_000 });
  });
  beforeEach(async () => {
    namespace = await createNamespace(operator.admin);
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await operator?.stop();
    await proxy?.stop();
  });

  const apply = async () => {
    const name = `tp-${++count}`;
    await operator.admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, name, { services: [{ name, selector: { matchLabels: { app: name } } }] }),
    );
    return name;
  };
  const isHandledWithin2s = async () => {
    const name = await apply();
    await settled(operator.admin, namespace, name, 2_000);
    expect(await find(operator.admin, resources.serviceMonitor, namespace, `${name}.${name}`)).toBeDefined();
  };
  /** Lets the fault work until several requests have met it. */
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
    operator.logs.flatMap(({ message: said, fields }) => {
      const { code = 429, retry_in_ms = 0 } = fields as { code?: number; retry_in_ms?: number };
      return said === message && code === 429 ? [retry_in_ms] : [];
    });

  it('asks for a pause with 429: watches and writes take it, and go on afterwards', async () => {
    operator.logs.length = 0;
    proxy.fail({ code: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 }, /watch=true|fieldManager/);
    const name = await apply();
    await until(5_000, 'the write is refused', async () => loggedPauses('reconcile failed').length > 0);
    proxy.cut();
    await until(5_000, 'the watches are refused', async () => loggedPauses('watch failed').length > 5);
    const before = operator.requests.length;
    proxy.heal();
    await settled(operator.admin, namespace, name, 6_000);
    const pauses = [...loggedPauses('reconcile failed'), ...loggedPauses('watch failed')];
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3_000);
    const kinds = Object.keys(operator.controller.watchAges()).length;
    await until(6_000, 'every kind is watched again', async () => {
      const watches = operator.requests.slice(before).filter(({ verb, code }) => verb === 'watch' && code === 200);
      return new Set(watches.map(({ path }) => path)).size === kinds;
    });
    await isHandledWithin2s();
  });

  it('refuses only writes: the resource waits, the rest goes on, and it is handled afterwards', async () => {
    proxy.fail({ code: 500, reason: 'InternalError' }, /fieldManager/);
    const name = await apply();
    await untilMet(3);
    proxy.heal();
    await isHandledWithin2s();
    await settled(operator.admin, namespace, name, 5_000);
  });

  it('is black-holed for longer than every deadline: afterwards a new resource is handled within 2 s', async () => {
    proxy.fail('black-hole');
    const name = await apply();
    await sleep(timing.watchSeconds * 1_500 + timing.watchGraceMs + 1_500);
    expect(await find(operator.admin, resources.serviceMonitor, namespace, `${name}.${name}`)).toBeUndefined();
    expect(Math.max(...Object.values(operator.controller.watchAges()))).toBeGreaterThan(timing.watchSeconds);
    proxy.heal();
    const healedAt = performance.now();
    await isHandledWithin2s();
    await settled(operator.admin, namespace, name, 2_000);
    // Where nothing changes, a watch is heard of at its end.
    await until(5_000, 'every watch is heard of again', async () => {
      const ages = Object.values(operator.controller.watchAges());
      return Math.max(...ages) < (performance.now() - healedAt) / 1_000;
    });
  });

  it('is quiet for many times the life of a watch: nothing is listed again, and a new resource is handled', async () => {
    const before = operator.requests.length;
    await sleep(timing.watchSeconds * 4 * 1_000);
    const quiet = operator.requests.slice(before);
    expect(quiet.filter(({ verb }) => verb !== 'watch')).toEqual([]);
    expect(quiet.length).toBeGreaterThan(10);
    await isHandledWithin2s();
  });
});
