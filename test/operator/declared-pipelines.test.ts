import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { annotations } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import type { Condition } from '#controller/api/trading-pipeline-status.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { type BackendUnderTest, startBackendUnderTest } from './backend-under-test.ts';
import { condition, createNamespace, tradingPipeline, until, untilQuiet, writesOf } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

const WITHIN_MS = 15_000;
const declared = {
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1d' }] },
  tickers: ['GOOG'],
};
const registered = { status: 'True', reason: 'PipelineDeclared' } as const;

describe('declared pipelines', () => {
  let backend: BackendUnderTest;
  beforeAll(async () => {
    backend = await startBackendUnderTest();
  });
  afterAll(() => backend?.end());
  const withBackend = (token?: string) => ({ backend: { client: backend.client(token), everyMs: 200 } });
  const cluster = useOperator({ tuning: () => withBackend() });
  const { apply } = cluster;
  beforeEach(() => expect(backend.isRunning()).toBe(true));

  const is = (name: string, type: string, wanted: Partial<Condition> | undefined, where?: string) =>
    cluster.untilCondition(name, type, wanted, WITHIN_MS, where);
  const rowOf = (name: string, where = cluster.namespace) =>
    backend.store.db
      .selectFrom('pipelines')
      .selectAll()
      .where('pipeline_id', '=', `${where}.${name}`)
      .executeTakeFirst();
  const untilRow = (name: string, wanted: object, where?: string) =>
    until(WITHIN_MS, `the row of ${name} is ${JSON.stringify(wanted)}`, async () => {
      const row = await rowOf(name, where);
      return row && Object.entries(wanted).every(([key, value]) => row[key as keyof typeof row] === value) && row;
    });
  /** Stores a bar of each series, and a signal of two hours ago, as the other services would have. */
  const addSeries = async (...series: readonly (readonly [symbol: string, timeframe: string])[]) => {
    const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
    const bars = series.map(([symbol, timeframe]) => ({
      ...{ symbol, timeframe, source: 'replay', open_time: '2020-01-01T00:00:00Z' },
      ...prices,
    }));
    await backend.store.db.insertInto('bars').values(bars).execute();
    const at = new Date(Date.now() - 2 * 3_600_000);
    const tickers = [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 50, reasoning: '' }];
    const signal = {
      ...{ signal_id: 's1', signal_type: 'macd', source: 'replay', timestamp: 0 },
      ...{ tickers, metadata: { timeframe: '1d' } },
    };
    await backend.store.db
      .insertInto('signals')
      .values({
        ...{ signal_id: 's1', signal_type: 'macd', source: 'replay', timeframe: '1d', signal: JSON.stringify(signal) },
        ...{ generated_at: at, stored_at: at, matched: 0, enqueued: 0, skipped: 0, outcome: 'unmatched' },
      })
      .execute();
  };
  const declare = async (name: string, more: object = {}, where?: string) => {
    await apply(name, { pipeline: { ...declared, ...more } }, where);
    return is(name, 'PipelineRegistered', registered, where);
  };

  it('are registered as declared, with every default, and the resource is Ready', async () => {
    const made = await declare('registered', { budget: { dailyUsd: 2 } });
    expect(condition(made, 'Ready')).toMatchObject({ status: 'True' });
    expect(made.status?.executions).toEqual({ total: 0, failed: 0 });
    expect(await rowOf('registered')).toMatchObject({
      owner: 'cluster',
      status: 'active',
      name: `${cluster.namespace}/registered`,
      definition: {
        trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1d', minConfidence: 0 }] },
        tickers: ['GOOG'],
        stages: agentNames.map((agent) => ({ agent })),
        risk: { maxPositionUsd: 10_000, maxDailyLossUsd: 1_000, maxDrawdown: 0.2 },
        budget: { dailyUsd: 2 },
        mode: 'paper',
      },
    });
  });

  it('that nothing can start have a condition and an Event, and say what is emitted; before, nothing is known', async () => {
    await apply('silent', {
      pipeline: {
        trigger: { mode: 'signal', signals: [{ type: 'macd', timeframe: '5m' }] },
        tickers: ['BTCUSDT', 'EURUSD'],
      },
    });
    await is('silent', 'SignalsEmitted', { status: 'Unknown', reason: 'SignalsNotSeenYet' });
    await addSeries(['BTCUSD', '1M'], ['EURUSD', '1h'], ['GOOG', '1d']);
    const silent = await cluster.untilCondition(
      'silent',
      'SignalsEmitted',
      { status: 'False', reason: 'SignalsNeverSeen' },
      2 * WITHIN_MS,
    );
    const { message } = condition(silent, 'SignalsEmitted') ?? {};
    expect(message).toContain('spec.pipeline.tickers[0]: nothing emits BTCUSDT; the nearest is BTCUSD');
    expect(message).toContain('emitted is BTCUSD 1M, EURUSD 1h, GOOG 1d');
    expect(message).toContain('spec.pipeline.trigger.signals[0]: nothing emits macd 5m of any ticker here');
    expect(condition(silent, 'Ready')).toMatchObject({ status: 'True' });
    await until(WITHIN_MS, 'an Event says so', async () => {
      const { items } = await cluster.admin.list<KubeObject & { reason: string; type: string }>(resources.event, {
        namespace: cluster.namespace,
      });
      return items.some(({ reason, type }) => reason === 'SignalsNeverSeen' && type === 'Warning');
    });

    await declare('heard', { trigger: { mode: 'signal', signals: [{ type: 'macd', timeframe: '1d' }] } });
    await is('heard', 'SignalsEmitted', { status: 'True', reason: 'SignalsSeen' });
    await declare('by-hand', { trigger: { mode: 'manual' } });
    await is('by-hand', 'SignalsEmitted', undefined);
  });

  it('follow the resource: they change, pause, and are withdrawn when spec.pipeline is removed', async () => {
    await declare('followed');
    await declare('followed', { tickers: ['EURUSD'], paused: true });
    expect(await rowOf('followed')).toMatchObject({ status: 'paused', definition: { tickers: ['EURUSD'] } });
    await apply('followed', { services: [{ name: 'backend' }] });
    await untilRow('followed', { status: 'deleted' });
    await is('followed', 'PipelineRegistered', undefined);
    await declare('followed');
    expect(await rowOf('followed')).toMatchObject({ status: 'active', definition: { tickers: ['GOOG'] } });
  });

  it('with a schedule are registered with it, and begin to be due', async () => {
    const trigger = { mode: 'periodic', schedule: '30 9 * * MON-FRI' };
    await declare('scheduled', { trigger });
    await is('scheduled', 'Ready', { status: 'True' });
    const scheduled = { definition: { trigger: { ...trigger, timeZone: 'UTC' } } };
    expect(await rowOf('scheduled')).toMatchObject(scheduled);
    const rows = await backend.store.db.selectFrom('schedules').select('pipeline_id').execute();
    expect(rows).toEqual([{ pipeline_id: `${cluster.namespace}.scheduled` }]);
    await cluster.remove('scheduled');
    await untilRow('scheduled', { status: 'deleted' });
    expect(await backend.store.db.selectFrom('schedules').selectAll().execute()).toEqual([]);
  });

  it('are withdrawn when the resource is deleted, which happens at once', async () => {
    await declare('deleted');
    await cluster.remove('deleted');
    expect(await cluster.find(resources.tradingPipeline, 'deleted')).toBeUndefined();
    await untilRow('deleted', { status: 'deleted' });
  });

  it('are declared again when somebody changes them in the database', async () => {
    await declare('changed');
    const id = `${cluster.namespace}.changed`;
    await backend.store.db.updateTable('pipelines').set({ status: 'paused' }).where('pipeline_id', '=', id).execute();
    await untilRow('changed', { status: 'active' });
  });

  it('show their executions in the status', async () => {
    await declare('executed');
    const row = {
      pipeline_id: `${cluster.namespace}.executed`,
      ticker: 'GOOG',
      signal_id: null,
      reason: null,
      trace: '{}',
    };
    const finished_at = new Date('2026-01-02T03:04:05Z');
    for (const status of ['success', 'failed'] as const)
      await backend.store.db
        .insertInto('executions')
        .values({ ...row, execution_id: status, trigger_mode: 'signal', status, cost_usd: '0', finished_at })
        .execute();
    const executed = await until(WITHIN_MS, 'the figures are in the status', async () => {
      const now = (await cluster.find(resources.tradingPipeline, 'executed')) as TradingPipeline;
      return now.status?.executions?.total === 2 && now;
    });
    expect(executed.status?.executions).toEqual({ total: 2, failed: 1, last: '2026-01-02T03:04:00Z' });
  });

  it('do not take the id of a user’s pipeline; the condition Conflict names the owner of the id', async () => {
    const id = `${cluster.namespace}.taken`;
    // Earlier versions let users choose an id with a dot.
    const mine = { pipeline_id: id, name: 'mine', definition: JSON.stringify(declared) };
    await backend.store.db.insertInto('pipelines').values(mine).execute();
    await apply('taken', { pipeline: { ...declared, tickers: ['EURUSD'] } });
    const conflict = { status: 'True', reason: 'PipelineIdTaken' } as const;
    const taken = await is('taken', 'Conflict', conflict);
    expect(condition(taken, 'PipelineRegistered')).toMatchObject({ status: 'False', reason: 'PipelineIdTaken' });
    expect(condition(taken, 'Conflict')?.message).toContain(`A user of this API created the pipeline "${id}"`);
    expect(condition(taken, 'Ready')).toMatchObject({ status: 'False', reason: 'PipelineIdTaken' });
    expect(condition(taken, 'Stalled')).toMatchObject({ status: 'True' });
    expect(await rowOf('taken')).toMatchObject({ owner: 'api', definition: { tickers: ['GOOG'] } });
    await until(WITHIN_MS, 'an Event says so', async () => {
      const { items } = await cluster.admin.list<KubeObject & { reason: string; regarding: { name: string } }>(
        resources.event,
        { namespace: cluster.namespace },
      );
      return items.some(({ reason, regarding }) => reason === 'PipelineIdTaken' && regarding.name === 'taken');
    });
    await fetch(`${backend.api}/api/v1/pipelines/${id}`, { method: 'DELETE' });
    await is('taken', 'Conflict', undefined);
    expect(await rowOf('taken')).toMatchObject({ owner: 'cluster', definition: { tickers: ['EURUSD'] } });
  });

  it('stay as they are while the resource is paused, and follow it afterwards', async () => {
    await declare('held');
    const held = { ...tradingPipeline(cluster.namespace, 'held', { pipeline: { ...declared, tickers: ['BTCUSD'] } }) };
    const metadata = { ...held.metadata, annotations: { [annotations.paused]: 'true' } };
    await cluster.admin.apply(resources.tradingPipeline, { ...held, metadata });
    await until(WITHIN_MS, 'it is paused', async () => {
      const now = (await cluster.find(resources.tradingPipeline, 'held')) as TradingPipeline;
      return condition(now, 'Ready')?.reason === 'Paused';
    });
    await declare('after-held');
    expect(await rowOf('held')).toMatchObject({ status: 'active', definition: { tickers: ['GOOG'] } });
    await cluster.admin.apply(resources.tradingPipeline, held);
    await until(WITHIN_MS, 'it follows again', async () => (await rowOf('held'))?.definition.tickers[0] === 'BTCUSD');
  });

  it('of other namespaces are left alone', async () => {
    const other = await createNamespace(cluster.admin);
    const neighbour = await cluster.start({ namespaces: [other] });
    try {
      await declare('neighbour', {}, other);
      await declare('mine');
      // Let each controller declare one more change. When a controller has done so, it has read the rows of both
      // pipelines.
      await declare('mine', { tickers: ['EURUSD'] });
      await declare('neighbour', { tickers: ['EURUSD'] }, other);
      expect(await rowOf('neighbour', other)).toMatchObject({ status: 'active' });
      expect(await rowOf('mine')).toMatchObject({ status: 'active' });
    } finally {
      await neighbour.stop();
    }
    await cluster.remove('neighbour', other);
    await declare('mine');
    expect(await rowOf('neighbour', other)).toMatchObject({ status: 'active' });
  });

  it('report a wrong token, or that no backend is set', async () => {
    const wrong = await createNamespace(cluster.admin);
    await cluster.start({ namespaces: [wrong], tuning: withBackend(`${backend.token}-no-more`) });
    const none = await createNamespace(cluster.admin);
    await cluster.start({ namespaces: [none], tuning: {} });
    await apply('shut-out', { pipeline: declared, services: [] }, wrong);
    const refused = await is('shut-out', 'PipelineRegistered', { reason: 'BackendTokenRefused' }, wrong);
    expect(condition(refused, 'Ready')).toMatchObject({ status: 'False', reason: 'BackendTokenRefused' });
    expect(JSON.stringify(refused.status)).not.toContain(backend.token);
    await apply('alone', { pipeline: declared }, none);
    const unset = await is('alone', 'PipelineRegistered', { reason: 'BackendNotConfigured' }, none);
    expect(condition(unset, 'Stalled')).toMatchObject({ status: 'True', reason: 'BackendNotConfigured' });
  });

  it('survive an unreachable backend: registered pipelines stay Ready, new pipelines wait, objects are still written', async () => {
    await declare('lasting');
    await backend.stop();
    await is('lasting', 'PipelineRegistered', { status: 'Unknown', reason: 'BackendUnreachable' });
    const lasting = await is('lasting', 'Ready', { status: 'True' });
    expect(lasting.status?.executions).toBeUndefined();
    await apply('fresh', { pipeline: declared, alerts: { custom: [{ alert: 'Mine', expr: 'up == 0' }] } });
    const fresh = await is('fresh', 'Ready', { status: 'False', reason: 'BackendUnreachable' });
    expect(condition(fresh, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(await cluster.find(resources.prometheusRule, 'fresh')).toBeDefined();
    await cluster.operator.stop();
    await cluster.start();
    await is('lasting', 'PipelineRegistered', { reason: 'BackendUnreachable' });
    await is('lasting', 'Ready', { status: 'True' });
    await backend.start();
    for (const name of ['lasting', 'fresh']) await is(name, 'PipelineRegistered', registered);
    await is('fresh', 'Ready', { status: 'True' });
  });

  it('of resources deleted while no controller ran are withdrawn; nothing else is written', async () => {
    await declare('gone-meanwhile');
    await declare('still-there');
    await untilQuiet(cluster.operator);
    await cluster.operator.stop();
    await cluster.remove('gone-meanwhile');
    const before = await backend.store.db.selectFrom('pipelines').select(['pipeline_id', 'updated_at']).execute();
    const operator = await cluster.start();
    await untilRow('gone-meanwhile', { status: 'deleted' });
    await untilQuiet(operator);
    const after = await backend.store.db.selectFrom('pipelines').select(['pipeline_id', 'updated_at']).execute();
    const changed = after.filter(({ pipeline_id, updated_at }) => {
      return before.find((row) => row.pipeline_id === pipeline_id)?.updated_at.getTime() !== updated_at.getTime();
    });
    expect(changed.map(({ pipeline_id }) => pipeline_id)).toEqual([`${cluster.namespace}.gone-meanwhile`]);
    expect(writesOf(operator.requests)).toEqual([]);
  });
});
