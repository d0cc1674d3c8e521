import { once } from 'node:events';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { EXECUTION_QUEUE } from '#catalogue/topics.ts';
import { eventually } from '../support/eventually.ts';
import { createDatabase, startPostgres, type TestPostgres } from '../support/start-postgres.ts';
import { startRedis, type TestRedis } from '../support/start-redis.ts';
import { createCall, definition, startPlatform } from './backend-platform.ts';
import { startBackend } from './backend-process.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function ownPostgres(): Promise<TestPostgres> {
  const postgres = await startPostgres();
  stops.push(() => postgres.stop());
  return postgres;
}

async function ownRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  stops.push(() => redis.stop());
  return redis;
}

async function platformWith(env: Record<string, string>) {
  const platform = await startPlatform(env);
  stops.push(() => platform.stop());
  return platform;
}

const pipeline = { name: 'Any', ...definition };

describe('migrations', () => {
  it('run by two backends at once leave both ready', async () => {
    const DATABASE_URL = await createDatabase(inject('postgresUrl'));
    const env = { DATABASE_URL, REDIS_URL: inject('redisUrl'), KAFKA_BROKERS: inject('kafkaBrokers') };
    const backends = await Promise.all([startBackend(env), startBackend(env)]);
    stops.push(() => Promise.all(backends.map((backend) => backend.stop())));
    for (const backend of backends) expect((await createCall(backend)('GET /api/v1/portfolio')).status).toBe(200);
  });
});

describe('a backend without its database', () => {
  it('starts, reports the database as not ready, and works once the database is up', async () => {
    const postgres = await ownPostgres();
    await postgres.halt();
    const env = { DATABASE_URL: postgres.url, REDIS_URL: inject('redisUrl'), KAFKA_BROKERS: inject('kafkaBrokers') };
    const backend = await startBackend(env, { ready: false });
    stops.push(() => backend.stop());
    const call = createCall(backend);
    const refused = await call('POST /api/v1/pipelines', pipeline);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.body.type).toBe('/api/v1/problems/database-unavailable');
    const notReady = await fetch(`${backend.metrics}/readyz`);
    expect([notReady.status, await notReady.text()]).toEqual([
      503,
      expect.stringContaining('database: not migrated yet'),
    ]);
    expect((await call('GET /api/v1/health')).body).toMatchObject({
      status: 'degraded',
      wrong: { database: 'not migrated yet' },
    });
    expect(await backend.readSeries('portfolio_total_value_usd')).toBeUndefined();
    await postgres.start();
    await eventually(async () => expect((await fetch(`${backend.metrics}/readyz`)).status).toBe(200), 20_000);
    expect((await call('POST /api/v1/pipelines', pipeline)).status).toBe(201);
    await eventually(async () => expect(await backend.readSeries('portfolio_total_value_usd')).toBe(100_000));
  });

  it('stops in time with exit code 0 although no server is up', async () => {
    const backend = await startBackend(
      {
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        REDIS_URL: 'redis://127.0.0.1:1',
        KAFKA_BROKERS: '127.0.0.1:1',
      },
      { ready: false },
    );
    stops.push(() => backend.stop());
    const answer = await fetch(`${backend.metrics}/readyz`);
    expect((await answer.text()).match(/^\w+/gm)).toEqual(['database', 'redis', 'kafka']);
    expect(await backend.stop()).toBe(0);
  });

  it('announces a gap on the stream when the database is back, and then sends new changes', async () => {
    const postgres = await ownPostgres();
    const { backend, call, addExecution } = await platformWith({ DATABASE_URL: postgres.url });
    await call('POST /api/v1/pipelines', { ...pipeline, pipeline_id: 'watched' });
    const messages: { type: string; data: Record<string, unknown> }[] = [];
    const socket = new WebSocket(`${backend.api.replace('http', 'ws')}/api/v1/stream`);
    socket.on('message', (text) => messages.push(JSON.parse(String(text))));
    await once(socket, 'open');
    await postgres.halt();
    expect((await call('GET /api/v1/pipelines')).status).toBe(503);
    await eventually(async () => expect(await backend.readSeries('portfolio_total_value_usd')).toBeUndefined());
    await postgres.start();
    await eventually(() => expect(messages.map(({ type }) => type)).toEqual(['subscribed', 'gap']), 30_000);
    const id = await addExecution('watched');
    await eventually(() => expect(messages.at(-1)?.data.execution_id).toBe(id));
    const gone = once(socket, 'close');
    expect(await backend.stop()).toBe(0);
    expect((await gone)[0]).toBe(1001);
  });
});

describe('a manual run without the job queue', () => {
  it('is stored as failed, counted once and answered with 503; a run after Redis is back is enqueued', async () => {
    const redis = await ownRedis();
    const { backend, call, db } = await platformWith({ REDIS_URL: redis.url });
    await call('POST /api/v1/pipelines', { ...pipeline, pipeline_id: 'manual' });
    await redis.halt();
    const answer = await call('POST /api/v1/pipelines/manual/run');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body.type).toBe('/api/v1/problems/queue-unavailable');
    const rows = await db.selectFrom('executions').selectAll().execute();
    expect(rows).toMatchObject([
      {
        execution_id: answer.body.executions[0],
        status: 'failed',
        trigger_mode: 'manual',
        reason: expect.stringContaining('could not be enqueued'),
      },
    ]);
    expect(rows[0]?.finished_at).not.toBeNull();
    const labels = 'status="failed",pipeline_id="manual"';
    expect(await backend.readSeries(`pipeline_executions_total{${labels},trigger_mode="manual"}`)).toBe(1);
    expect(await backend.readSeries(`pipeline_execution_duration_seconds_count{${labels}}`)).toBe(1);
    await redis.start();
    const started = await eventually(async () => {
      const run = await call('POST /api/v1/pipelines/manual/run');
      expect(run.status).toBe(202);
      return run.body.executions[0].execution_id as string;
    }, 20_000);
    const failed = await db.selectFrom('executions').select('execution_id').where('status', '=', 'failed').execute();
    expect(await backend.readSeries(`pipeline_executions_total{${labels},trigger_mode="manual"}`)).toBe(failed.length);
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue(EXECUTION_QUEUE, { connection });
    expect((await queue.getJobs()).map((job) => job.id)).toEqual([started]);
    await queue.close();
    connection.disconnect();
  });

  it('is stored as failed after ENQUEUE_TIMEOUT_MS if Redis hangs', async () => {
    const redis = await ownRedis();
    const { call, db } = await platformWith({ REDIS_URL: redis.url, ENQUEUE_TIMEOUT_MS: '500' });
    await call('POST /api/v1/pipelines', { ...pipeline, pipeline_id: 'manual' });
    const admin = new Redis(redis.url);
    await admin.call('CLIENT', 'PAUSE', '5000', 'WRITE');
    const answer = await call('POST /api/v1/pipelines/manual/run');
    expect(answer.status).toBe(503);
    expect(answer.body.detail).toContain('within 500 ms');
    expect(await db.selectFrom('executions').select('status').execute()).toEqual([{ status: 'failed' }]);
    await admin.call('CLIENT', 'UNPAUSE');
    admin.disconnect();
  });
});

describe('a manual run that reached the queue, although Redis did not respond in time', () => {
  it('is not stored as failed if a worker has begun it', async () => {
    const redis = await ownRedis();
    const { backend, call, db } = await platformWith({ REDIS_URL: redis.url, ENQUEUE_TIMEOUT_MS: '1000' });
    await call('POST /api/v1/pipelines', { ...pipeline, pipeline_id: 'begun' });
    const admin = new Redis(redis.url);
    await admin.call('CLIENT', 'PAUSE', '5000', 'WRITE');
    const answering = call('POST /api/v1/pipelines/begun/run');
    await eventually(async () => {
      const begun = await db.updateTable('executions').set({ status: 'running' }).executeTakeFirst();
      expect(begun.numUpdatedRows).toBe(1n);
    });
    expect((await answering).status).toBe(202);
    expect(await db.selectFrom('executions').select('status').execute()).toEqual([{ status: 'running' }]);
    const counted = 'pipeline_executions_total{status="failed",pipeline_id="begun",trigger_mode="manual"}';
    expect(await backend.readSeries(counted)).toBeUndefined();
    await admin.call('CLIENT', 'UNPAUSE');
    admin.disconnect();
  });
});

describe('too many requests', () => {
  it('are answered with 429 and Retry-After, except on the health route', async () => {
    const { call } = await platformWith({ API_RATE_LIMIT_PER_MINUTE: '5' });
    const answers = [];
    for (let index = 0; index < 6; index += 1) answers.push(await call('GET /api/v1/portfolio'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[5]?.body.type).toBe('/api/v1/problems/too-many-requests');
    expect(Number(answers[5]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('GET /nowhere')).status).toBe(429);
    expect((await call('GET /api/v1/health')).status).toBe(200);
  });
});
