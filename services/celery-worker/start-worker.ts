import type { Kysely } from 'kysely';
import { keepTrying } from '#base/keep-trying.ts';
import type { Repetition } from '#base/repeat.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import { openConnections } from '#kit/connections.ts';
import type { Logger } from '#kit/log.ts';
import type { ReadinessCheck } from '#kit/ops-server.ts';
import { postgresFrom } from '#kit/postgres/database.ts';
import { redisFrom } from '#kit/redis.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { type ExecutionWorker, openExecutionQueue, startExecutionWorker } from '#platform/execution-queue.ts';
import { followDeclaredPipelines } from '#platform/follow-declared-pipelines.ts';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import type { WorkerConfig } from './config.ts';
import { createJobHandler } from './handle-job.ts';
import { type Advise, byRule, createAdvise } from './model/advise.ts';
import { createAskModel } from './model/ask-model.ts';
import { readModelSettings } from './model/model-config.ts';
import { observePipelines } from './observe-pipelines.ts';
import { observeQueue } from './observe-queue.ts';
import { createPaperBroker } from './paper-broker.ts';
import type { RunOptions } from './run-execution.ts';
import { type Agents, createAgents } from './stages.ts';
import { startSweep } from './sweep-lost-executions.ts';

export interface WorkerOptions {
  config: WorkerConfig;
  log: Logger;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
  clock: () => Date;
  /** Changes the agents; for tests that let one fail. */
  changeAgents?: (agents: Agents) => Agents;
}

export interface RunningWorker {
  readonly checks: Readonly<Record<'database' | 'redis' | 'jobs', ReadinessCheck>>;
  /** Finishes the executions that run and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Starts taking jobs as soon as the database is there and migrated. Returns at once: servers that are away are waited
 * for in the background, and the checks say so.
 */
export function startWorker({ config, log, instruments, clock, changeAgents }: WorkerOptions): RunningWorker {
  const servers = openConnections(
    { database: postgresFrom<Database>(config), redis: redisFrom(config) },
    { log, instruments },
  );
  const { database: db, redis } = servers.clients;
  const queue = openExecutionQueue(redis);
  const agents = buildAgents({ config, log, instruments, clock }, db);
  const run: RunOptions = { db, agents: changeAgents?.(agents) ?? agents, clock, log, instruments };
  createIdleInstruments(instruments);

  const stopping = new AbortController();
  let worker: ExecutionWorker | undefined;
  const started = takeJobs();
  async function takeJobs(): Promise<Repetition[]> {
    await keepTrying('migrate the database', () => migrate(db, log), { log, signal: stopping.signal });
    const onError = (error: Error) => log.warn({ error }, 'the job queue reports an error');
    const handle = createJobHandler(run);
    worker = startExecutionWorker(redis, { concurrency: config.WORKER_CONCURRENCY, handle, onError });
    log.info({ concurrency: config.WORKER_CONCURRENCY }, 'taking jobs');
    return [followDeclaredPipelines(run), observePipelines(run), startSweep({ ...run, queue })];
  }
  const depth = observeQueue(queue, { instruments, log, clock });

  return {
    checks: {
      ...servers.checks,
      jobs: () => (worker ? worker.check() : 'waiting for the database'),
    },
    async stop() {
      stopping.abort();
      // It throws only when it was still waiting for the database.
      const repetitions = await started.catch(() => []);
      await worker?.stop();
      await Promise.all([depth, ...repetitions].map((repetition) => repetition.stop()));
      await servers.close();
    },
  };
}

function buildAgents(options: WorkerOptions, db: Kysely<Database>): Agents {
  const { config, log, instruments, clock } = options;
  const trades = instruments.counter('trading_bot_trades_total');
  const feeBasisPoints = config.PAPER_FEE_BPS;
  const broker = createPaperBroker({
    db,
    feeBasisPoints,
    clock,
    onOrder: ({ client_order_id, pipeline_id, symbol, side, status, quantity, price, reason }) => {
      trades.add(1, { bot_id: pipeline_id, symbol, side, status });
      log.info({ client_order_id, pipeline_id, symbol, side, status, quantity, price, reason }, 'order stored');
    },
  });
  const advise = buildAdvise(options, db);
  return createAgents({
    db,
    broker,
    clock,
    feeBasisPoints,
    advise,
    maxSignalAgeSeconds: config.SIGNAL_MAX_AGE_SECONDS,
  });
}

function buildAdvise({ config, log, instruments, clock }: WorkerOptions, db: Kysely<Database>): Advise {
  const settings = readModelSettings(config);
  if (!settings) return byRule;
  const { url, model, agents, price } = settings;
  log.info({ url, model, agents, price }, 'agents ask a model');
  return createAdvise({ ask: createAskModel({ db, settings, instruments, clock }), agents, log });
}

/** Metrics of models: without one nothing is counted, and a scrape says so. */
function createIdleInstruments(instruments: WorkerOptions['instruments']): void {
  instruments.counter('llm_calls_total');
  instruments.counter('llm_tokens_total');
  instruments.counter('llm_cost_usd_total');
}
