import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { inject } from 'vitest';
import { postgresFrom } from '#kit/postgres/database.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';
import type { AgentName } from '#trading/agents/agents.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import type { PipelineStatus } from '#trading/pipelines/pipeline-status.ts';
import type { Direction, Signal } from '#trading/signals/signal.ts';
import { type WorkerConfig, workerConfigSchema } from '../../services/celery-worker/config.ts';
import type { Agents } from '../../services/celery-worker/execution/create-agents.ts';
import { type RunningWorker, startWorker } from '../../services/celery-worker/start-worker.ts';
import { until } from '../support/eventually.ts';
import { sumSeries, valueOfSeries } from '../support/scrape.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { prepareRoles } from './service-roles.ts';

export interface PlatformOptions {
  databaseUrl?: string;
  redisUrl?: string;
  changeAgents?: (agents: Agents) => Agents;
  config?: Partial<WorkerConfig>;
  clock?: () => Date;
  /** If true, no worker is started; the test starts one. */
  idle?: boolean;
}

interface SignalOptions {
  direction?: Direction;
  confidence?: number;
  price?: number | null;
  ageSeconds?: number;
  barTime?: string;
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/** Prepares the database and the queue as the backend and the dispatcher would, on real servers, and starts a worker. */
export async function startPlatform(options: PlatformOptions = {}) {
  const databaseUrl = options.databaseUrl ?? (await createDatabase(inject('postgresUrl')));
  const redisUrl = options.redisUrl ?? `${inject('redisUrl')}/5`;
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const telemetry = startTelemetry('celery-worker', {});
  const { instruments } = telemetry;
  // the worker connects as its own role, so a right that it lacks fails the tests
  const ownUrl = (await prepareRoles(databaseUrl))['celery-worker'];
  const config = { ...workerConfigSchema.parse({ DATABASE_URL: ownUrl, REDIS_URL: redisUrl }), ...options.config };
  const open = postgresFrom<Database>({ DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: 3 });
  const database = open({ log, instruments: startTelemetry('backend', {}).instruments });
  const { client: db } = database;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await redis.flushdb();
  const queue = openExecutionQueue(redis);
  const { changeAgents, clock = () => new Date() } = options;
  const workers: RunningWorker[] = [];
  const start = () => {
    const worker = startWorker({ config, log, instruments, clock, ...(changeAgents && { changeAgents }) });
    workers.push(worker);
    return worker;
  };
  if (!options.idle) start();

  async function addPipeline(id: string, change: Partial<PipelineDefinition> & { status?: PipelineStatus } = {}) {
    const { status = 'active', ...rest } = change;
    const definition = pipelineSchema.parse({
      trigger: { mode: 'signal', signals: [{ type: 'rsi' }] },
      tickers: ['GOOG'],
      ...rest,
    });
    await db
      .insertInto('pipelines')
      .values({ pipeline_id: id, name: id, definition: JSON.stringify(definition), status })
      .execute();
  }

  /** Stores daily bars of a rising market. The last bar is at `until`, with the closing price `close`. */
  async function addBars(symbol: string, { count = 260, close = 100, until = '2024-06-30T00:00:00Z' } = {}) {
    const bars = Array.from({ length: count }, (_, back) => {
      const price = close - back * 0.01;
      const open_time = new Date(Date.parse(until) - back * 86_400_000);
      return {
        symbol,
        timeframe: '1d',
        open_time,
        source: 'replay',
        open: price,
        high: price,
        low: price,
        close: price,
        volume: 1,
      };
    });
    await db.insertInto('bars').values(bars).execute();
  }

  /** Stores an execution as the dispatcher does, but enqueues no job. Returns its id. */
  async function addExecution(pipelineId: string, signalOptions: SignalOptions = {}, ticker = 'GOOG'): Promise<string> {
    const signal = buildSignal(ticker, signalOptions);
    const execution_id = randomUUID();
    await db
      .insertInto('signals')
      .values({
        signal_id: signal.signal_id,
        signal_type: signal.signal_type,
        source: signal.source,
        timeframe: '1d',
        signal: JSON.stringify(signal),
        generated_at: new Date(signal.timestamp * 1_000),
        matched: 1,
        enqueued: 1,
        skipped: 0,
        outcome: 'matched',
      })
      .execute();
    await db
      .insertInto('executions')
      .values({
        execution_id,
        pipeline_id: pipelineId,
        ticker,
        signal_id: signal.signal_id,
        trigger_mode: 'signal',
        cost_usd: '0',
        status: 'queued',
        trace: '{}',
      })
      .execute();
    return execution_id;
  }

  async function enqueue(...executionIds: string[]): Promise<void> {
    await queue.add(executionIds.map((execution_id) => ({ execution_id, trace: {} })));
  }

  async function readExecution(executionId: string) {
    return db.selectFrom('executions').selectAll().where('execution_id', '=', executionId).executeTakeFirstOrThrow();
  }

  async function ended(executionId: string, timeoutMs = 15_000) {
    return until(timeoutMs, `the end of execution ${executionId}`, async () => {
      const execution = await readExecution(executionId).catch(() => undefined);
      return execution?.finished_at ? execution : undefined;
    });
  }

  /** Stores and enqueues an execution, and waits until it has ended. */
  async function run(pipelineId: string, signalOptions: SignalOptions = {}, ticker = 'GOOG') {
    const executionId = await addExecution(pipelineId, signalOptions, ticker);
    await enqueue(executionId);
    return ended(executionId);
  }

  async function readStages(executionId: string) {
    return db
      .selectFrom('execution_stages')
      .selectAll()
      .where('execution_id', '=', executionId)
      .orderBy('position')
      .execute();
  }

  async function readOrders(executionId: string) {
    return db.selectFrom('orders').selectAll().where('execution_id', '=', executionId).execute();
  }

  async function readCash(): Promise<string> {
    const { cash_usd } = await db.selectFrom('portfolio').select('cash_usd').executeTakeFirstOrThrow();
    return cash_usd;
  }

  /** Returns the sum of the series of a metric that have these labels. */
  async function metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    return sumSeries((await telemetry.scrape()).body, name, labels);
  }

  /** Returns the value of a series with all its labels, or undefined if the scrape does not contain it. */
  async function readSeries(series: string): Promise<number | undefined> {
    return valueOfSeries((await telemetry.scrape()).body, series);
  }

  return {
    db,
    queue,
    redis,
    log,
    clock,
    config,
    databaseUrl,
    redisUrl,
    instruments,
    start,
    addPipeline,
    addBars,
    addExecution,
    enqueue,
    ended,
    run,
    readExecution,
    readStages,
    readOrders,
    readCash,
    scrape: async () => (await telemetry.scrape()).body,
    metric,
    readSeries,
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await queue.close();
      redis.disconnect();
      await database.close();
      await telemetry.shutdown();
    },
  };
}

/**
 * Returns a function that replaces an agent. The first `times` calls of the new agent run `instead` before the real
 * agent; if `instead` throws, so does the new agent.
 */
export function interrupt(
  agent: AgentName,
  times: number,
  instead: () => Promise<void> | void,
): (agents: Agents) => Agents {
  let left = times;
  return (agents) => ({
    ...agents,
    [agent]: async (subject: Parameters<Agents[AgentName]>[0]) => {
      if (left-- > 0) await instead();
      return agents[agent](subject);
    },
  });
}

function buildSignal(ticker: string, options: SignalOptions): Signal {
  const {
    direction = 'BULLISH',
    confidence = 100,
    price = 100,
    ageSeconds = 1,
    barTime = '2024-06-30T00:00:00Z',
  } = options;
  return {
    signal_id: randomUUID(),
    signal_type: 'rsi',
    source: 'replay',
    timestamp: Date.now() / 1_000 - ageSeconds,
    tickers: [{ ticker, signal: direction, confidence, reasoning: 'a test says so' }],
    metadata: { timeframe: '1d', bar_time: barTime, ...(price !== null && { price }) },
  };
}
