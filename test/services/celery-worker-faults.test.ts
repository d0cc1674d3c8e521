import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS } from '#platform/execution-queue.ts';
import { until } from '../support/eventually.ts';
import { startPostgres, type TestPostgres } from '../support/start-postgres.ts';
import { startRedis, type TestRedis } from '../support/start-redis.ts';
import { interrupt, type Platform, type PlatformOptions, startPlatform } from './celery-worker-platform.ts';

let postgres: TestPostgres;
let redis: TestRedis;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));

let pipelines = 0;

/**
 * A connection string whose commits wait for the disk. By default the test servers skip that wait, so a crash would lose the last commits.
 */
const durable = () => `${postgres.url}?options=${encodeURIComponent('-c synchronous_commit=on')}`;

/** Runs a test on a platform with one stored execution. */
async function withExecution(
  options: PlatformOptions,
  test: (platform: Platform, executionId: string, pipelineId: string) => Promise<void>,
) {
  const platform = await startPlatform({ databaseUrl: durable(), redisUrl: redis.url, ...options });
  try {
    const pipelineId = `fault-${pipelines++}`;
    await platform.addPipeline(pipelineId);
    await test(platform, await platform.addExecution(pipelineId), pipelineId);
  } finally {
    await platform.stop();
  }
}

/** Expects that the execution succeeded, that each stage and the order are stored once, and that the position contains the order once. */
async function expectDoneOnce(platform: Platform, executionId: string): Promise<void> {
  expect((await platform.readExecution(executionId)).status).toBe('success');
  expect(await platform.readStages(executionId)).toHaveLength(5);
  const orders = await platform.readOrders(executionId);
  expect(orders).toHaveLength(1);
  const { rows } = await sql<{ held: string; ordered: string }>`
    select (select sum(quantity) from positions where pipeline_id = ${orders[0]?.pipeline_id}) as held,
      (select sum(quantity) from orders where pipeline_id = ${orders[0]?.pipeline_id} and status = 'filled') as ordered`.execute(
    platform.db,
  );
  expect(rows[0]?.held).toBe(rows[0]?.ordered);
}

describe('a server that goes away', () => {
  it('Postgres dies between two stages: the job waits without losing an attempt, and continues after the last stored stage', async () => {
    const restarted = Promise.withResolvers<void>();
    let calls = 0;
    const changeAgents = interrupt('strategy', MAX_ATTEMPTS, async () => {
      // After the fault, every further attempt except the last one fails. If the fault had counted as an attempt, no
      // attempt would succeed.
      if (calls++ > 0) throw new Error('out of luck');
      await postgres.halt({ kill: true });
      // Postgres is down for longer than all attempts with their backoff.
      sleep(4_000)
        .then(() => postgres.start())
        .then(restarted.resolve, restarted.reject);
    });
    await withExecution({ changeAgents }, async (platform, executionId, pipeline_id) => {
      await platform.enqueue(executionId);
      await until(
        15_000,
        'a job put back',
        async () => (await platform.metric('celery_tasks_total', { status: 'retried' })) > 0,
      );
      await restarted.promise;
      await platform.ended(executionId, 20_000);
      await expectDoneOnce(platform, executionId);
      await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id })).toBe(1);
      // The result of this agent was stored before the fault, so the agent ran once.
      expect(await platform.metric('agent_execution_duration_seconds_count', { agent: 'bias' })).toBe(1);
      await expect.poll(() => platform.metric('celery_tasks_total', { status: 'success' })).toBe(1);
      expect(await platform.metric('celery_tasks_total', { status: 'failed' })).toBe(0);
    });
  });

  it('Postgres is down at the start: the checks report it, and the worker takes jobs once Postgres is up', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      await platform.enqueue(executionId);
      await postgres.halt();
      const worker = platform.start();
      await expect(worker.checks.database()).rejects.toThrow();
      expect(await worker.checks.jobs()).toBe('waiting for the database');
      await postgres.start();
      await platform.ended(executionId, 20_000);
      await expectDoneOnce(platform, executionId);
      expect(await worker.checks.jobs()).toBeUndefined();
    });
  });

  it('Redis dies while a job runs: the execution still ends once, and the queue works again afterwards', async () => {
    const restarted = Promise.withResolvers<void>();
    const changeAgents = interrupt('strategy', 1, async () => {
      await redis.halt({ kill: true });
      sleep(1_500)
        .then(() => redis.start())
        .then(restarted.resolve, restarted.reject);
    });
    await withExecution({ changeAgents }, async (platform, executionId, pipeline_id) => {
      await platform.enqueue(executionId);
      await platform.ended(executionId);
      await restarted.promise;
      await expectDoneOnce(platform, executionId);
      const next = await platform.run(pipeline_id);
      expect(next.status).toBe('success');
      await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id })).toBe(2);
      expect(await platform.metric('redis_connection_errors_total')).toBeGreaterThan(0);
    });
  });
});

describe('the process', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function startProcess({ config }: Platform) {
    const child = spawn(process.execPath, ['services/celery-worker/main.ts'], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: config.DATABASE_URL,
        REDIS_URL: config.REDIS_URL,
        METRICS_HOST: '127.0.0.1',
        METRICS_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, exited, output: () => output };
  }

  /** Runs `work` while it holds the lock that orders wait for, so that executions stop before their order. */
  async function holdPortfolio(platform: Platform, work: () => Promise<void>): Promise<void> {
    await platform.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('portfolio').selectAll().forUpdate().execute();
      await work();
    });
  }

  async function standsBeforeOrder(platform: Platform, executionId: string): Promise<void> {
    await until(15_000, 'the stage of the order', async () => (await platform.readStages(executionId)).length === 4);
    const waiting = sql<{ orders: number }>`select count(*)::int as orders from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%"portfolio"%for update%'`;
    await until(
      15_000,
      'an order that waits for the lock',
      async () => (await waiting.execute(platform.db)).rows[0]?.orders,
    );
  }

  /** Waits until the process has begun to stop. Its execution cannot end meanwhile, because the test holds the lock of the portfolio. */
  async function stopsWithoutExit({ child, output }: ReturnType<typeof startProcess>): Promise<void> {
    await until(15_000, 'the start of the stop', () => output().includes('"message":"stopping"'));
    expect(child.exitCode).toBeNull();
  }

  it('finishes its running execution on SIGTERM, then exits with 0', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      const worker = startProcess(platform);
      await holdPortfolio(platform, async () => {
        await platform.enqueue(executionId);
        await standsBeforeOrder(platform, executionId);
        worker.child.kill('SIGTERM');
        await stopsWithoutExit(worker);
      });
      expect(await worker.exited).toBe(0);
      expect(worker.output()).toContain('"message":"stopped"');
      await expectDoneOnce(platform, executionId);
    });
  });

  it('finishes its running execution and exits with 0 even while Redis is down', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      const worker = startProcess(platform);
      let away = false;
      try {
        await holdPortfolio(platform, async () => {
          await platform.enqueue(executionId);
          await standsBeforeOrder(platform, executionId);
          await redis.halt({ kill: true });
          away = true;
          worker.child.kill('SIGTERM');
          await stopsWithoutExit(worker);
        });
        expect(await worker.exited).toBe(0);
        await expectDoneOnce(platform, executionId);
      } finally {
        if (away) await redis.start();
      }
    });
  });

  it('is killed before its order: another process continues after the last stored stage, and places the order once', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      const first = startProcess(platform);
      await holdPortfolio(platform, async () => {
        await platform.enqueue(executionId);
        await standsBeforeOrder(platform, executionId);
        first.child.kill('SIGKILL');
        await first.exited;
      });
      const before = await platform.readStages(executionId);
      const second = startProcess(platform);
      await platform.ended(executionId, 45_000);
      await expectDoneOnce(platform, executionId);
      expect((await platform.readStages(executionId)).slice(0, before.length)).toEqual(before);
      second.child.kill('SIGTERM');
      expect(await second.exited).toBe(0);
    });
  }, 90_000);
});
