import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** The test servers may lose their last commits in a crash, to be quick; here a commit is one. */
const durable = () => `${postgres.url}?options=${encodeURIComponent('-c synchronous_commit=on')}`;

/** A platform on servers of its own, with one execution stored. */
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

async function expectOneOfEach(platform: Platform, executionId: string): Promise<void> {
  expect((await platform.readExecution(executionId)).status).toBe('success');
  expect(await platform.readStages(executionId)).toHaveLength(5);
  expect(await platform.readOrders(executionId)).toHaveLength(1);
}

describe('a server that goes away', () => {
  it('Postgres dies between two stages: the job waits without losing an attempt, and goes on where it was', async () => {
    const restarted = Promise.withResolvers<void>();
    let calls = 0;
    const changeAgents = interrupt('strategy', MAX_ATTEMPTS, async () => {
      // After the fault every attempt but the last fails: only when the fault has cost none is there a last one.
      if (calls++ > 0) throw new Error('out of luck');
      await postgres.halt({ kill: true });
      // Longer than all attempts with their backoff would last.
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
      await expectOneOfEach(platform, executionId);
      await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id })).toBe(1);
      // Stored once, before the fault: not run again after it.
      expect(await platform.metric('agent_execution_duration_seconds_count', { agent: 'bias' })).toBe(1);
      await expect.poll(() => platform.metric('celery_tasks_total', { status: 'success' })).toBe(1);
      expect(await platform.metric('celery_tasks_total', { status: 'failed' })).toBe(0);
    });
  });

  it('Postgres is away at the start: the worker waits, says so, and begins when it is there', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      await platform.enqueue(executionId);
      await postgres.halt();
      const worker = platform.start();
      await sleep(500);
      expect(await worker.checks.jobs()).toBe('waiting for the database');
      await expect(worker.checks.database()).rejects.toThrow();
      await postgres.start();
      await platform.ended(executionId, 20_000);
      await expectOneOfEach(platform, executionId);
      expect(await worker.checks.jobs()).toBeUndefined();
    });
  });

  it('Redis dies while a job runs: the execution ends all the same, once', async () => {
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
      await expectOneOfEach(platform, executionId);
      // The queue works again, and does not run the first one twice.
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

  /** Holds the lock orders wait for, so that an execution stands still in its last stage. */
  async function holdPortfolio(platform: Platform, work: () => Promise<void>): Promise<void> {
    await platform.db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('portfolio').selectAll().forUpdate().execute();
      await work();
    });
  }

  async function standsBeforeOrder(platform: Platform, executionId: string): Promise<void> {
    await until(15_000, 'the stage of the order', async () => (await platform.readStages(executionId)).length === 4);
    await sleep(200);
  }

  it('finishes what it runs on SIGTERM, then exits with 0', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      const worker = startProcess(platform);
      await holdPortfolio(platform, async () => {
        await platform.enqueue(executionId);
        await standsBeforeOrder(platform, executionId);
        worker.child.kill('SIGTERM');
        await sleep(500);
        expect(worker.child.exitCode).toBeNull();
      });
      expect(await worker.exited).toBe(0);
      expect(worker.output()).toContain('"message":"stopped"');
      await expectOneOfEach(platform, executionId);
    });
  });

  it('finishes what it runs and exits with 0 while Redis is away, too', async () => {
    await withExecution({ idle: true }, async (platform, executionId) => {
      const worker = startProcess(platform);
      await holdPortfolio(platform, async () => {
        await platform.enqueue(executionId);
        await standsBeforeOrder(platform, executionId);
        await redis.halt({ kill: true });
        worker.child.kill('SIGTERM');
        await sleep(500);
        expect(worker.child.exitCode).toBeNull();
      });
      expect(await worker.exited).toBe(0);
      await expectOneOfEach(platform, executionId);
      await redis.start();
    });
  });

  it('killed in the middle: another one goes on after the last stored stage, and orders once', async () => {
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
      await expectOneOfEach(platform, executionId);
      expect((await platform.readStages(executionId)).slice(0, before.length)).toEqual(before);
      second.child.kill('SIGTERM');
      expect(await second.exited).toBe(0);
    });
  }, 90_000);
});
