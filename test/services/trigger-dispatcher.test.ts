import { randomBytes } from 'node:crypto';
import type { Job } from 'bullmq';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { metricsEmittedBy } from '#catalogue/metrics.ts';
import { EXECUTION_QUEUE, topics } from '#catalogue/topics.ts';
import { createTopics, type Kafka } from '#kit/kafka/kafka.ts';
import type { Database } from '#platform/schema.ts';
import { connectKafka, countMessages, readTopic } from '#tools/observe/read-topic.ts';
import { executionId, planExecutions } from '#trading/matching/pipeline-index.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { storeBatch } from '../../services/trigger-dispatcher/batch/store-batch.ts';
import { deleteTopics } from '../support/delete-topics.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import { createDatabase, startPostgres, type TestPostgres } from '../support/start-postgres.ts';
import { startRedis, type TestRedis } from '../support/start-redis.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { prepareRoles } from './service-roles.ts';

let broker: TestKafka;
let postgres: TestPostgres;
let redis: TestRedis;
let kafka: Kafka;
let databaseUrl: string;
/** The database as the dispatcher's own role sees it. */
let roleUrl: string;
let db: Kysely<Database>;
let connection: Redis;
let queue: Queue;
const running: ServiceProcess[] = [];

beforeAll(async () => {
  [broker, postgres, redis] = await Promise.all([startKafka(), startPostgres(), startRedis()]);
  kafka = connectKafka({ kafka: broker.brokers });
});
afterAll(() => Promise.all([broker?.stop(), postgres?.stop(), redis?.stop()]));

/** Each test gets its own topics, database and queue, all empty. */
beforeEach(async () => {
  await deleteTopics(kafka);
  await createTopics(kafka);
  databaseUrl = await createDatabase(postgres.url);
  const pool = new Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', () => undefined);
  db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  roleUrl = (await prepareRoles(databaseUrl))['trigger-dispatcher'];
  connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  connection.on('error', () => undefined);
  await connection.flushall();
  queue = new Queue(EXECUTION_QUEUE, { connection });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await queue?.close();
  connection?.disconnect();
  await db?.destroy();
});

async function startDispatcher(environment: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await startService('trigger-dispatcher', {
    KAFKA_BROKERS: broker.brokers,
    DATABASE_URL: roleUrl,
    REDIS_URL: redis.url,
    BATCH_MAX_WAIT_MS: '50',
    ...environment,
  });
  running.push(service);
  return service;
}

function signalOf(type: string, ticker: string, confidence = 80, signal_id = randomBytes(16).toString('hex')): Signal {
  const tickers = [{ ticker, signal: 'BULLISH' as const, confidence, reasoning: 'A test says so.' }];
  return {
    signal_id,
    signal_type: type,
    source: 'replay',
    timestamp: 1_700_000_000,
    tickers,
    metadata: { timeframe: '1h' },
  };
}

interface Sent {
  key?: string;
  value: string | Buffer;
  headers?: Record<string, string>;
}

const onWire = (signal: Signal): Sent => ({ key: signal.tickers[0]?.ticker, value: JSON.stringify(signal) });

async function publish(messages: readonly Sent[]): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: topics.signals.name, messages: [...messages] });
  await producer.disconnect();
}

async function addPipeline(
  pipeline_id: string,
  type: string,
  tickers: string[],
  more: Record<string, unknown> = {},
): Promise<void> {
  const definition = JSON.stringify({ trigger: { mode: 'signal', signals: [{ type, ...more }] }, tickers });
  await db.insertInto('pipelines').values({ pipeline_id, name: pipeline_id, definition }).execute();
}

/** Waits until every published message is consumed and the offsets are committed. */
async function untilConsumed(...dispatchers: ServiceProcess[]): Promise<void> {
  const published = await countMessages(kafka, topics.signals.name);
  await eventually(async () => {
    const admin = kafka.admin();
    await admin.connect();
    const [group] = await admin.fetchOffsets({ groupId: 'trigger-dispatcher', topics: [topics.signals.name] });
    await admin.disconnect();
    const committed = (group?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    expect(committed, dispatchers.map((one) => JSON.stringify(one.log.at(-1))).join()).toBe(published);
  }, 30_000);
}

const readSignals = () => db.selectFrom('signals').selectAll().execute();
const readExecutions = () => db.selectFrom('executions').selectAll().orderBy('created_at').execute();
const readJobs = (): Promise<Job[]> => queue.getJobs(['waiting', 'active', 'delayed', 'prioritized']);
const idsOf = (rows: readonly { execution_id: string }[]) => rows.map(({ execution_id }) => execution_id).sort();

/** Checks that Redis has exactly one job for each queued execution in Postgres. */
async function expectQueuedAreJobs(): Promise<void> {
  const queued = (await readExecutions()).filter(({ status }) => status === 'queued');
  expect((await readJobs()).map(({ id }) => id).sort()).toEqual(idsOf(queued));
}

describe('trigger-dispatcher', () => {
  it('accounts for every message: Kafka = consumed + rejected, signals and executions in Postgres, jobs in Redis', async () => {
    for (let number = 0; number < 20; number += 1) {
      const ticker = `T${number % 10}`;
      await addPipeline(`p${number}`, number % 2 ? 'rsi' : 'macd', [ticker, 'ALL'], { minConfidence: number * 5 });
    }
    const dispatcher = await startDispatcher();
    await dispatcher.untilReady();
    const types = ['rsi', 'macd', 'bollinger'];
    const signals = Array.from({ length: 300 }, (_, number) =>
      signalOf(types[number % 3] ?? '', `T${number % 12}`, number % 101),
    );
    await publish(
      signals.flatMap((signal, number) => [onWire(signal), ...(number % 100 ? [] : [{ value: `broken ${number}` }])]),
    );
    await untilConsumed(dispatcher);

    expect(await dispatcher.metric('signals_consumed_total')).toBe(300);
    expect(await dispatcher.metric('signals_rejected_total', { reason: 'not_json' })).toBe(3);
    expect(await countMessages(kafka, topics.signals.name)).toBe(303);
    const rows = await readSignals();
    expect(rows.map(({ signal_id }) => signal_id).sort()).toEqual(signals.map(({ signal_id }) => signal_id).sort());
    for (const { matched, enqueued, outcome } of rows) {
      expect(outcome).toBe(matched === 0 ? 'unmatched' : enqueued > 0 ? 'matched' : 'skipped');
    }
    const executions = await readExecutions();
    expect(executions.length).toBeGreaterThan(20);
    const sum = (column: 'matched' | 'enqueued' | 'skipped') => rows.reduce((total, row) => total + row[column], 0);
    const count = (status: string) => executions.filter((row) => row.status === status).length;
    expect([sum('matched'), sum('enqueued'), sum('skipped')]).toEqual([
      executions.length,
      count('queued'),
      count('skipped'),
    ]);
    await expectQueuedAreJobs();
    expect(await dispatcher.metric('pipelines_matched_total')).toBe(executions.length);
    expect(await dispatcher.metric('pipelines_enqueued_total', { status: 'enqueued' })).toBe(count('queued'));
    expect(await dispatcher.metric('pipelines_enqueued_total', { status: 'skipped' })).toBe(count('skipped'));
    expect(await dispatcher.metric('pipelines_skipped_running_total')).toBe(count('skipped'));
    expect(await dispatcher.metric('batch_size_sum')).toBe(303);
    expect(await dispatcher.metric('kafka_consumer_offset')).toBe(303);
    expect(await dispatcher.metric('kafka_consumer_lag_seconds')).toBe(0);
    expect(await dispatcher.metric('pipeline_cache_size')).toBe(20);
    expect(await dispatcher.stop()).toBe(0);
  });

  it('matches type, ticker, timeframe and confidence; starts each pipeline once, and only active ones with a signal trigger', async () => {
    await addPipeline('yes', 'rsi', ['GOOG'], { timeframe: '1h', minConfidence: 80 });
    await addPipeline('surer', 'rsi', ['GOOG'], { minConfidence: 80.1 });
    await addPipeline('other-frame', 'rsi', ['GOOG'], { timeframe: '1d' });
    await addPipeline('other-type', 'macd', ['GOOG']);
    await addPipeline('other-ticker', 'rsi', ['EURUSD']);
    await addPipeline('paused', 'rsi', ['GOOG']);
    await db.updateTable('pipelines').set({ status: 'paused' }).where('pipeline_id', '=', 'paused').execute();
    const twice = [{ type: 'rsi' }, { type: 'rsi', timeframe: '1h', minConfidence: 10 }];
    const definitions = {
      twice: { trigger: { mode: 'signal', signals: twice } },
      manual: { trigger: { mode: 'manual' } },
    };
    for (const [pipeline_id, definition] of Object.entries(definitions)) {
      const text = JSON.stringify({ ...definition, tickers: ['GOOG'] });
      await db.insertInto('pipelines').values({ pipeline_id, name: pipeline_id, definition: text }).execute();
    }
    const dispatcher = await startDispatcher();
    await publish([onWire(signalOf('rsi', 'GOOG', 80))]);
    await untilConsumed(dispatcher);
    expect((await readExecutions()).map(({ pipeline_id }) => pipeline_id).sort()).toEqual(['twice', 'yes']);
  });

  it('sends malformed messages unchanged to the dead-letter topic with the reason, and continues', async () => {
    const dispatcher = await startDispatcher();
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    const broken = { ...signalOf('rsi', 'GOOG'), tickers: [] };
    await publish([
      { key: 'GOOG', value: bytes, headers: { traceparent: 'kept' } },
      { key: 'GOOG', value: JSON.stringify(broken) },
      onWire(signalOf('rsi', 'GOOG')),
    ]);
    await untilConsumed(dispatcher);
    const [first, second, ...more] = await readTopic(kafka, topics.deadLetters.name);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      key: 'GOOG',
      headers: { reason: 'not_json', original_topic: 'trading-signals', traceparent: 'kept' },
    });
    expect(first?.value).toEqual(bytes);
    expect(second?.headers).toMatchObject({ reason: 'not_a_signal', detail: expect.stringContaining('tickers: ') });
    expect(Number(second?.headers.original_offset) - Number(first?.headers.original_offset)).toBe(1);
    expect(await dispatcher.metric('signals_rejected_total')).toBe(2);
    expect(await dispatcher.metric('signals_consumed_total')).toBe(1);
  });

  it('dead-letters only the signal that Postgres refuses, and stores the rest of the batch', async () => {
    await sql`create function refuse() returns trigger language plpgsql as $$ begin
      if new.signal_id = 'poison' then raise exception 'no such thing' using errcode = '22003'; end if; return new; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before insert on signals for each row execute function refuse()`.execute(db);
    const dispatcher = await startDispatcher();
    await publish(['a', 'b', 'poison', 'c', 'd'].map((id) => onWire(signalOf('rsi', 'GOOG', 80, id))));
    await untilConsumed(dispatcher);
    expect((await readSignals()).map(({ signal_id }) => signal_id).sort()).toEqual(['a', 'b', 'c', 'd']);
    const [letter] = await readTopic(kafka, topics.deadLetters.name);
    expect(letter?.headers.detail).toBe('cannot be stored: no such thing');
  });

  it('skips a pipeline that already runs for the ticker, records the reason, and starts the pipeline again once its execution has finished', async () => {
    await addPipeline('p', 'rsi', ['GOOG', 'EURUSD']);
    const dispatcher = await startDispatcher();
    const [first, busy, other, later] = [
      signalOf('rsi', 'GOOG'),
      signalOf('rsi', 'GOOG'),
      signalOf('rsi', 'EURUSD'),
      signalOf('rsi', 'GOOG'),
    ];
    await publish([first, busy, other].map(onWire));
    await untilConsumed(dispatcher);
    await db.updateTable('executions').set({ status: 'success' }).where('signal_id', '=', first.signal_id).execute();
    await publish([onWire(later)]);
    await untilConsumed(dispatcher);

    const bySignal = new Map((await readExecutions()).map((row) => [row.signal_id, row]));
    expect([first, busy, other, later].map(({ signal_id }) => bySignal.get(signal_id)?.status)).toEqual([
      'success',
      'skipped',
      'queued',
      'queued',
    ]);
    expect(bySignal.get(busy.signal_id)).toMatchObject({
      reason: 'the pipeline was running for this ticker',
      finished_at: expect.any(Date),
    });
    const outcomes = new Map((await readSignals()).map((row) => [row.signal_id, row.outcome]));
    expect([first, busy, other, later].map(({ signal_id }) => outcomes.get(signal_id))).toEqual([
      'matched',
      'skipped',
      'matched',
      'matched',
    ]);
  });

  it('indexes a created, paused, resumed or deleted pipeline within a second, and a changed one within two', async () => {
    const dispatcher = await startDispatcher({ REFRESH_INTERVAL_MS: '3600000' });
    await dispatcher.untilReady();
    const cacheSize = () => dispatcher.metric('pipeline_cache_size');
    const soon = (size: number) => eventually(async () => expect(await cacheSize()).toBe(size), 1_000);
    await addPipeline('p', 'rsi', ['GOOG']);
    await soon(1);
    await publish([onWire(signalOf('rsi', 'GOOG'))]);
    await untilConsumed(dispatcher);
    expect(await readExecutions()).toHaveLength(1);

    const macd = JSON.stringify({ trigger: { mode: 'signal', signals: [{ type: 'macd' }] }, tickers: ['EURUSD'] });
    await db.updateTable('pipelines').set({ definition: macd }).execute();
    await eventually(async () => {
      await publish([onWire(signalOf('macd', 'EURUSD'))]);
      await untilConsumed(dispatcher);
      expect((await readExecutions()).some(({ ticker }) => ticker === 'EURUSD')).toBe(true);
    }, 2_000);
    await db.updateTable('pipelines').set({ status: 'paused' }).execute();
    await soon(0);
    await db.updateTable('pipelines').set({ status: 'active' }).execute();
    await soon(1);
    await db.updateTable('pipelines').set({ status: 'deleted' }).execute();
    await soon(0);
  });

  it('finds changes without a notification at its next refresh, and leaves out a pipeline that it cannot parse', async () => {
    await sql`drop trigger pipelines_changed on pipelines`.execute(db);
    const dispatcher = await startDispatcher({ REFRESH_INTERVAL_MS: '200' });
    await dispatcher.untilReady();
    await addPipeline('future', 'of_a_newer_version', ['GOOG']);
    await addPipeline('p', 'rsi', ['GOOG']);
    await eventually(async () => expect(await dispatcher.metric('pipeline_cache_size')).toBe(1));
    expect(dispatcher.log.filter(({ pipeline_id }) => pipeline_id === 'future')).toHaveLength(1);
    await db.deleteFrom('pipelines').execute();
    await eventually(async () => expect(await dispatcher.metric('pipeline_cache_size')).toBe(0));
    expect(await dispatcher.metric('cache_refresh_duration_seconds_count')).toBeGreaterThan(2);
  });

  it('is killed between storing and enqueuing: the next process enqueues, and nothing is lost, stored twice or counted again', async () => {
    for (const id of ['p1', 'p2', 'p3']) await addPipeline(id, 'rsi', ['GOOG', 'EURUSD']);
    const signals = [
      signalOf('rsi', 'GOOG'),
      signalOf('rsi', 'EURUSD'),
      signalOf('macd', 'GOOG'),
      signalOf('rsi', 'GOOG'),
    ];
    const first = await startDispatcher();
    await first.untilReady();
    await redis.halt();
    await publish(signals.map(onWire));
    await eventually(async () => expect(await readSignals()).toHaveLength(4));
    expect(await first.readiness()).toMatchObject({ ready: false, answer: expect.stringContaining('redis: ') });
    const before = { signals: await readSignals(), executions: await readExecutions() };
    await first.kill();
    await redis.start();
    await connection.flushall();

    const second = await startDispatcher();
    await untilConsumed(second);
    await expectQueuedAreJobs();
    expect(await readJobs()).toHaveLength(6);
    expect({ signals: await readSignals(), executions: await readExecutions() }).toEqual(before);
    expect(await second.metric('signals_consumed_total')).toBe(0);
    expect(await second.metric('pipelines_enqueued_total')).toBe(0);
  });

  it('stores and enqueues a signal once, even if it is published three times', async () => {
    await addPipeline('p', 'rsi', ['GOOG']);
    const dispatcher = await startDispatcher();
    const signal = signalOf('rsi', 'GOOG');
    await publish([onWire(signal), onWire(signal)]);
    await untilConsumed(dispatcher);
    await publish([onWire(signal)]);
    await untilConsumed(dispatcher);
    expect(await readExecutions()).toHaveLength(1);
    expect(await readSignals()).toMatchObject([{ matched: 1, enqueued: 1, skipped: 0, outcome: 'matched' }]);
    expect(await dispatcher.metric('signals_consumed_total')).toBe(1);
    expect(await dispatcher.metric('pipelines_enqueued_total', { status: 'enqueued' })).toBe(1);
  });

  it('shares the work between two processes: each signal is consumed by one of them, and no pipeline is queued twice for a ticker', async () => {
    for (let number = 0; number < 5; number += 1)
      await addPipeline(`p${number}`, 'rsi', ['T0', 'T1', 'T2', 'T3', 'T4', 'T5']);
    const both = await Promise.all([startDispatcher(), startDispatcher()]);
    await Promise.all(both.map((one) => one.untilReady()));
    const signals = Array.from({ length: 400 }, (_, number) => signalOf('rsi', `T${number % 6}`));
    await publish(signals.map(onWire));
    await untilConsumed(...both);
    const consumed = await Promise.all(both.map((one) => one.metric('signals_consumed_total')));
    expect(consumed.reduce((sum, value) => sum + value)).toBe(400);
    expect(await readSignals()).toHaveLength(400);
    const executions = await readExecutions();
    expect(executions).toHaveLength(2_000);
    expect(executions.filter(({ status }) => status === 'queued')).toHaveLength(30);
    await expectQueuedAreJobs();
  });

  it('enqueues executions whose jobs Redis has lost, and only those that waited for a minute', async () => {
    await addPipeline('p', 'rsi', ['GOOG', 'EURUSD']);
    const dispatcher = await startDispatcher({ SWEEP_INTERVAL_MS: '200' });
    await publish([onWire(signalOf('rsi', 'GOOG')), onWire(signalOf('rsi', 'EURUSD'))]);
    await untilConsumed(dispatcher);
    await connection.flushall();
    const longAgo = new Date(Date.now() - 61_000);
    await db.updateTable('executions').set({ created_at: longAgo }).where('ticker', '=', 'GOOG').execute();
    // The sweep that enqueues GOOG also sees EURUSD, but leaves it out, because EURUSD has not waited for a minute.
    await eventually(async () => expect(await readJobs()).toHaveLength(1));
    const [swept] = await readJobs();
    const goog = (await readExecutions()).filter(({ ticker }) => ticker === 'GOOG');
    expect([swept?.id]).toEqual(idsOf(goog));
    await db.updateTable('executions').set({ created_at: longAgo }).execute();
    await eventually(expectQueuedAreJobs);
    // Two later sweeps must not add a second job for an execution.
    const sweeps = () => dispatcher.log.filter(({ message }) => message.startsWith('enqueued executions')).length;
    await eventually(() => expect(sweeps()).toBeGreaterThan(2));
    await expectQueuedAreJobs();
  });

  it('waits while Postgres is down, then stores the signals published meanwhile', async () => {
    await addPipeline('p', 'rsi', ['GOOG']);
    const dispatcher = await startDispatcher();
    await dispatcher.untilReady();
    await postgres.halt();
    try {
      await publish([onWire(signalOf('rsi', 'GOOG')), onWire(signalOf('rsi', 'EURUSD'))]);
      await eventually(async () => expect((await dispatcher.readiness()).answer).toContain('postgres: '));
      await eventually(async () => expect(await dispatcher.metric('kafka_consumer_lag_seconds')).toBeGreaterThan(1));
      expect(await dispatcher.metric('pipeline_cache_size')).toBe(1);
    } finally {
      await postgres.start();
    }
    await untilConsumed(dispatcher);
    expect(await readSignals()).toHaveLength(2);
    await expectQueuedAreJobs();
    await dispatcher.untilReady();
    await addPipeline('p2', 'rsi', ['GOOG']);
    await eventually(async () => expect(await dispatcher.metric('pipeline_cache_size')).toBe(2));
    expect(await dispatcher.stop()).toBe(0);
  });

  it('continues the trace of the signal in the job', async () => {
    await addPipeline('p', 'rsi', ['GOOG']);
    const dispatcher = await startDispatcher();
    const trace = randomBytes(16).toString('hex');
    await publish([
      { ...onWire(signalOf('rsi', 'GOOG')), headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } },
    ]);
    await untilConsumed(dispatcher);
    const [job] = await readJobs();
    expect(job?.data.trace.traceparent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect((await readExecutions())[0]?.trace).toEqual(job?.data.trace);
  });

  it('while all servers are down: exposes every metric, names each server in its readiness, and stops with exit code 0', async () => {
    const away = {
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: 'postgres://trading@127.0.0.1:9/trading',
      REDIS_URL: 'redis://127.0.0.1:9',
    };
    const dispatcher = await startDispatcher(away);
    const text = await dispatcher.scrape();
    for (const name of metricsEmittedBy('trigger-dispatcher')) expect(text).toContain(`# TYPE ${name} `);
    const { ready, answer } = await dispatcher.readiness();
    expect(ready).toBe(false);
    for (const server of ['postgres: ', 'redis: ', 'kafka: ']) expect(answer).toContain(server);
    expect(await dispatcher.stop()).toBe(0);
  });
});

describe('two dispatchers', () => {
  it('start each due time of a schedule once, and begin with the newest that was missed', async () => {
    const trigger = { mode: 'periodic', schedule: '* * * * *', timeZone: 'Asia/Kolkata' };
    const definition = JSON.stringify({ trigger, tickers: ['BTCUSD', 'GOOG'] });
    const ids = Array.from({ length: 30 }, (_, number) => `clock-${number}`);
    await db
      .insertInto('pipelines')
      .values(ids.map((pipeline_id) => ({ pipeline_id, name: pipeline_id, definition })))
      .execute();
    await db
      .insertInto('pipelines')
      .values({ pipeline_id: 'held', name: 'held', definition, status: 'paused' })
      .execute();
    await db.updateTable('schedules').set({ handled_until: sql`now() - interval '3 days'` }).execute();
    const dispatchers = await Promise.all([startDispatcher(), startDispatcher()]);
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.untilReady()));
    // Start and end may lie in different minutes; each of them is a due time.
    const rows = await eventually(async () => {
      const found = await readExecutions();
      expect(new Set(found.map(({ pipeline_id }) => pipeline_id)).size).toBe(30);
      return found;
    });
    const keys = rows.map(({ pipeline_id, ticker, due_at }) => `${pipeline_id} ${ticker} ${due_at?.toISOString()}`);
    expect(new Set(keys).size).toBe(rows.length);
    const dueTimes = new Set(rows.map(({ due_at }) => due_at?.getTime()));
    expect(rows.length).toBeLessThanOrEqual(60 * dueTimes.size);
    expect(dueTimes.size).toBeLessThanOrEqual(2);
    for (const due of dueTimes) expect(Math.abs((due ?? 0) - Date.now())).toBeLessThan(180_000);
    expect([...new Set(rows.map(({ trigger_mode }) => trigger_mode))]).toEqual(['periodic']);
    await eventually(expectQueuedAreJobs);
  });
});

describe('storeBatch', () => {
  const trace = () => ({});

  it('leaves out a pipeline that was deleted or paused after it was matched, and stores the rest of the batch', async () => {
    await addPipeline('here', 'rsi', ['GOOG']);
    await addPipeline('paused', 'rsi', ['GOOG']);
    await db.updateTable('pipelines').set({ status: 'paused' }).where('pipeline_id', '=', 'paused').execute();
    const match = (pipelines: string[]) => () => pipelines.map((pipelineId) => ({ pipelineId, ticker: 'GOOG' }));
    const [some] = planExecutions([signalOf('rsi', 'GOOG', 80, 'some')], match(['gone', 'here', 'paused']));
    const [none] = planExecutions([signalOf('rsi', 'GOOG', 80, 'none')], match(['gone', 'paused']));
    if (!some || !none) throw new Error('nothing planned');
    const batch = await storeBatch(db, [some, none], trace);
    expect(batch.jobs.map(({ execution_id }) => execution_id)).toEqual([executionId('some', 'here', 'GOOG')]);
    expect(batch.stored).toMatchObject([
      { signal_id: 'some', matched: 1, outcome: 'matched' },
      { signal_id: 'none', matched: 0, outcome: 'unmatched' },
    ]);
    const rows = new Map((await readSignals()).map((row) => [row.signal_id, row]));
    expect(rows.get('some')).toMatchObject({ matched: 1, enqueued: 1, skipped: 0, outcome: 'matched' });
    expect(rows.get('none')).toMatchObject({ matched: 0, enqueued: 0, skipped: 0, outcome: 'unmatched' });
  });

  it('stores a batch of 20,000 matches in at most five statements', async () => {
    await sql`insert into pipelines (pipeline_id, name, definition) select 'p' || n, 'p', '{}' from generate_series(1, 1000) n`.execute(
      db,
    );
    const matches = Array.from({ length: 1_000 }, (_, number) => ({ pipelineId: `p${number + 1}`, ticker: 'GOOG' }));
    const signals = Array.from({ length: 20 }, () => signalOf('rsi', 'GOOG'));
    const statements: string[] = [];
    const pool = new Pool({ connectionString: databaseUrl });
    const counting = new Kysely<Database>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => void statements.push(query.sql),
    });
    const batch = await storeBatch(
      counting,
      planExecutions(signals, () => matches),
      trace,
    );
    await counting.destroy();
    expect(batch.jobs).toHaveLength(1_000);
    expect(batch.executions.filter(({ status }) => status === 'skipped')).toHaveLength(19_000);
    // Five SQL statements, plus begin and commit.
    expect(statements.length).toBeLessThanOrEqual(7);
  });
});
