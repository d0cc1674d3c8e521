import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import type { BackendClient } from '#controller/backend/backend-client.ts';
import type { Lease } from '#controller/kube/lease.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type BackendUnderTest, startBackendUnderTest } from './backend-under-test.ts';
import { find, LEASE_NAMESPACE, type OperatorUnderTest, until, untilQuiet, writesOf } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

const timing = { durationMs: 4_000, renewDeadlineMs: 1_500, retryMs: 100 };
const lease = { name: FIELD_MANAGER, timing };
const PIPELINES = 20;
const declared = {
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1d' }] },
  tickers: ['GOOG'],
};

/** A request that a controller sends to the backend. */
interface Told {
  readonly client: BackendClient;
  readonly declared: string[];
  readonly withdrawn: string[];
  reads(): number;
}

function overhear(client: BackendClient): Told {
  const [declared, withdrawn]: [string[], string[]] = [[], []];
  let reads = 0;
  const read: BackendClient['read'] = (abort) => {
    reads += 1;
    return client.read(abort);
  };
  const declare: BackendClient['declare'] = (id, ...rest) => {
    declared.push(id);
    return client.declare(id, ...rest);
  };
  const withdraw: BackendClient['withdraw'] = (id, ...rest) => {
    withdrawn.push(id);
    return client.withdraw(id, ...rest);
  };
  return { client: { ...client, read, declare, withdraw }, declared, withdrawn, reads: () => reads };
}

describe('a controller that is no longer the leader', () => {
  const { url, kubeconfigs } = inject('apiServer');
  let proxy: FaultProxy;
  let backend: BackendUnderTest;
  beforeAll(async () => {
    [proxy, backend] = await Promise.all([startFaultProxy(url, kubeconfigs.controller), startBackendUnderTest()]);
  });
  afterAll(async () => {
    await backend?.end();
    await proxy?.stop();
  });
  const tuned = (client: BackendClient) => ({ lease, backend: { client, everyMs: 200 } });
  const cluster = useOperator({
    kubeconfigs: () => ({ ...kubeconfigs, controller: proxy.kubeconfig }),
    autoStart: false,
  });
  const { apply } = cluster;
  afterEach(() => proxy.heal());

  const start = (client = backend.client()) => cluster.start({ tuning: tuned(client) });
  const leads = ({ controller }: OperatorUnderTest, wanted = true) =>
    until(10_000, wanted ? 'it leads' : 'it no longer leads', async () => controller.leading() === wanted);
  /** Gives the Lease to a holder that never renews it. */
  const stealLease = async () => {
    const held = (await find(cluster.admin, resources.lease, LEASE_NAMESPACE, lease.name)) as Lease;
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { ...held.spec, holderIdentity: 'a thief', renewTime };
    const { managedFields: _managedFields, resourceVersion: _version, ...metadata } = held.metadata;
    await cluster.admin.apply(resources.lease, { ...held, metadata, spec } as Lease);
  };
  const rule = (name: string) => cluster.find(resources.prometheusRule, name);
  const rows = () =>
    backend.store.db.selectFrom('pipelines').selectAll().where('name', 'like', `${cluster.namespace}/%`).execute();

  it('in the middle of a reconcile: its write in flight is dropped, and the controller writes nothing afterwards', async () => {
    const operator = await start();
    await leads(operator);
    proxy.fail('hold', /prometheusrules\/halfway/);
    await apply('halfway', { alerts: { custom: [{ alert: 'Mine', expr: 'up == 0' }] } });
    await until(5_000, 'its write is on the way', async () => proxy.met() > 0);
    await stealLease();
    await leads(operator, false);
    await until(2_000, 'its write is given up', async () => proxy.held() === 0);
    const written = writesOf(operator.requests).length;
    proxy.heal();
    await untilQuiet(operator, 300);
    expect(await rule('halfway')).toBeUndefined();
    const { status } = (await cluster.find(resources.tradingPipeline, 'halfway')) as { status?: object };
    expect(status).toBeUndefined();
    const since = writesOf(operator.requests).slice(written);
    expect(since.filter(({ code }) => code !== 0)).toEqual([]);

    await leads(operator);
    await cluster.settled('halfway');
    expect(await rule('halfway')).toBeDefined();
  });

  it('in the middle of a run of the registrar: the controller declares no further pipeline', async () => {
    const told = overhear(backend.client());
    const operator = await start(told.client);
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
    for (let index = 0; index < PIPELINES; index++) await apply(`declared-${index}`, { pipeline: declared });
    await until(5_000, 'a round is under way', async () => told.declared.length > 0);
    await stealLease();
    await leads(operator, false);
    const before = told.declared.length;
    expect(before).toBeLessThan(PIPELINES);
    release();
    await inTheWay;
    const reads = told.reads();
    await until(3_000, 'the registrar has made two more rounds', async () => told.reads() >= reads + 2);
    expect(operator.controller.leading()).toBe(false);
    expect(told.declared).toHaveLength(before);
    expect((await rows()).length).toBeLessThanOrEqual(before);

    await leads(operator);
    await until(10_000, 'all are registered', async () => (await rows()).length === PIPELINES);
  });

  it('hands over: the next leader declares no pipeline that the backend already has', async () => {
    const [first, second] = [overhear(backend.client()), overhear(backend.client())];
    const leader = await start(first.client);
    await leads(leader);
    for (let index = 0; index < PIPELINES; index++) await apply(`kept-${index}`, { pipeline: declared });
    await until(10_000, 'all are registered', async () => (await rows()).length === PIPELINES);
    for (let index = 0; index < PIPELINES; index++) await cluster.settled(`kept-${index}`);
    const standby = await start(second.client);
    const before = await rows();
    await leader.stop();
    await leads(standby);
    // Once the new leader has declared this later change, its registrar has compared all pipelines with the backend.
    await apply('kept-0', { pipeline: { ...declared, paused: true } });
    const changed = () =>
      backend.store.db.selectFrom('pipelines').select('pipeline_id').where('status', '=', 'paused').execute();
    await until(5_000, 'the change is told', async () => (await changed()).length === 1);
    const ids = before.map(({ pipeline_id }) => pipeline_id).sort();
    expect(first.declared.toSorted()).toEqual(ids);
    expect(second.declared).toEqual([`${cluster.namespace}.kept-0`]);
    expect([...first.withdrawn, ...second.withdrawn]).toEqual([]);
    const untouched = (all: typeof before) =>
      all.filter(({ status }) => status === 'active').map((row) => [row.pipeline_id, row.updated_at]);
    expect(untouched(await rows())).toEqual(untouched(before).filter(([id]) => id !== `${cluster.namespace}.kept-0`));
  });
});
