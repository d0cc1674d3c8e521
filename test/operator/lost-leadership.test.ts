import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import type { BackendClient } from '#controller/backend/backend-client.ts';
import type { Lease } from '#controller/kube/lease.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type BackendUnderTest, startBackendUnderTest } from './backend-under-test.ts';
import {
  connectAdmin,
  createNamespace,
  find,
  LEASE_NAMESPACE,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilQuiet,
  writesOf,
} from './operator-under-test.ts';

const timing = { durationMs: 4_000, renewDeadlineMs: 1_500, retryMs: 100 };
const lease = { name: FIELD_MANAGER, timing };
const PIPELINES = 20;
/** Longer than a registrar's rest. */
const QUIET_MS = 500;
const pipeline = {
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1d' }] },
  tickers: ['GOOG'],
};

/** What a controller has told the backend, beside what became of it. */
interface Told {
  readonly client: BackendClient;
  readonly declared: string[];
  readonly withdrawn: string[];
}

function overhear(client: BackendClient): Told {
  const [declared, withdrawn]: [string[], string[]] = [[], []];
  const declare: BackendClient['declare'] = (id, ...rest) => {
    declared.push(id);
    return client.declare(id, ...rest);
  };
  const withdraw: BackendClient['withdraw'] = (id, ...rest) => {
    withdrawn.push(id);
    return client.withdraw(id, ...rest);
  };
  return { client: { ...client, declare, withdraw }, declared, withdrawn };
}

describe('a controller that is no longer the leader', () => {
  const { url, kubeconfigs } = inject('apiServer');
  const admin = connectAdmin(kubeconfigs.admin);
  let proxy: FaultProxy;
  let backend: BackendUnderTest;
  let namespace: string;
  let running: OperatorUnderTest[] = [];

  beforeAll(async () => {
    [proxy, backend] = await Promise.all([startFaultProxy(url, kubeconfigs.controller), startBackendUnderTest()]);
  });
  beforeEach(async () => {
    namespace = await createNamespace(admin);
  });
  afterEach(async () => {
    proxy.heal();
    for (const operator of running.splice(0)) await operator.stop();
  });
  afterAll(async () => {
    await backend?.end();
    await proxy?.stop();
    admin.close();
  });

  const start = async (controller = kubeconfigs.controller, client = backend.client()) => {
    const own = { lease, backend: { client, everyMs: 200 } };
    const operator = await startOperator({ ...kubeconfigs, controller }, [namespace], own);
    running.push(operator);
    return operator;
  };
  const leads = ({ controller }: OperatorUnderTest, wanted = true) =>
    until(10_000, wanted ? 'it leads' : 'it no longer leads', async () => controller.leading() === wanted);
  /** Somebody else has it from now on, and never renews it. */
  const stealLease = async () => {
    const held = (await find(admin, resources.lease, LEASE_NAMESPACE, lease.name)) as Lease;
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { ...held.spec, holderIdentity: 'a thief', renewTime };
    const { managedFields: _managedFields, resourceVersion: _version, ...metadata } = held.metadata;
    await admin.apply(resources.lease, { ...held, metadata, spec } as Lease);
  };
  const apply = (name: string, spec: object) =>
    admin.apply(resources.tradingPipeline, tradingPipeline(namespace, name, spec));
  const rule = (name: string) => find(admin, resources.prometheusRule, namespace, name);
  const rows = () =>
    backend.store.db.selectFrom('pipelines').selectAll().where('name', 'like', `${namespace}/%`).execute();

  it('in the middle of a reconcile: what it had under way is not written, nor anything after it', async () => {
    const operator = await start(proxy.kubeconfig);
    await leads(operator);
    proxy.fail('hold', /prometheusrules\/halfway/);
    await apply('halfway', { alerts: { custom: [{ alert: 'Mine', expr: 'up == 0' }] } });
    await until(5_000, 'its write is on the way', async () => proxy.met() > 0);
    await stealLease();
    await leads(operator, false);
    const written = writesOf(operator.requests).length;
    proxy.heal();
    await untilQuiet(operator, 300);
    expect(await rule('halfway')).toBeUndefined();
    const { status } = (await find(admin, resources.tradingPipeline, namespace, 'halfway')) as { status?: object };
    expect(status).toBeUndefined();
    const since = writesOf(operator.requests).slice(written);
    expect(since.filter(({ code }) => code !== 0)).toEqual([]);

    await leads(operator);
    await settled(admin, namespace, 'halfway');
    expect(await rule('halfway')).toBeDefined();
  });

  it('in the middle of a round of the registrar: it tells the backend nothing more', async () => {
    const told = overhear(backend.client());
    const operator = await start(undefined, told.client);
    await leads(operator);
    await untilQuiet(operator, 300);
    const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const inTheWay = backend.store.db.transaction().execute(async (transaction) => {
      await sql`lock table pipelines in exclusive mode`.execute(transaction);
      locked();
      await released;
    });
    await isLocked;
    for (let index = 0; index < PIPELINES; index++) await apply(`declared-${index}`, { pipeline });
    await until(5_000, 'a round is under way', async () => told.declared.length > 0);
    await stealLease();
    await leads(operator, false);
    const before = told.declared.length;
    expect(before).toBeLessThan(PIPELINES);
    release();
    await inTheWay;
    await sleep(QUIET_MS);
    expect(operator.controller.leading()).toBe(false);
    expect(told.declared).toHaveLength(before);
    expect((await rows()).length).toBeLessThanOrEqual(before);

    await leads(operator);
    await until(10_000, 'all are registered', async () => (await rows()).length === PIPELINES);
  });

  it('hands over: the next one tells the backend nothing that it has already', async () => {
    const [first, second] = [overhear(backend.client()), overhear(backend.client())];
    const leader = await start(undefined, first.client);
    await leads(leader);
    for (let index = 0; index < PIPELINES; index++) await apply(`kept-${index}`, { pipeline });
    await until(10_000, 'all are registered', async () => (await rows()).length === PIPELINES);
    for (let index = 0; index < PIPELINES; index++) await settled(admin, namespace, `kept-${index}`);
    const standby = await start(undefined, second.client);
    const before = await rows();
    running = running.filter((one) => one !== leader);
    await leader.stop();
    await leads(standby);
    // A change that comes later is told later: then a whole round has been made.
    await apply('kept-0', { pipeline: { ...pipeline, paused: true } });
    const changed = () =>
      backend.store.db.selectFrom('pipelines').select('pipeline_id').where('status', '=', 'paused').execute();
    await until(5_000, 'the change is told', async () => (await changed()).length === 1);
    const ids = before.map(({ pipeline_id }) => pipeline_id).sort();
    expect(first.declared.toSorted()).toEqual(ids);
    expect(second.declared).toEqual([`${namespace}.kept-0`]);
    expect([...first.withdrawn, ...second.withdrawn]).toEqual([]);
    const untouched = (all: typeof before) =>
      all.filter(({ status }) => status === 'active').map((row) => [row.pipeline_id, row.updated_at]);
    expect(untouched(await rows())).toEqual(untouched(before).filter(([id]) => id !== `${namespace}.kept-0`));
  });
});
