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
import { openBrokers } from './brokers/open-brokers.ts';
import type { WorkerConfig } from './config.ts';
import { type Agents, createAgents } from './execution/create-agents.ts';
import { observePipelines } from './execution/observe-pipelines.ts';
import { observeQueue } from './execution/observe-queue.ts';
import { createJobHandler, type RunOptions } from './execution/run-execution.ts';
import { startSweep } from './execution/sweep-lost-executions.ts';
import { createAdvise } from './model/advise.ts';
import { readModelSettings } from './model/model-config.ts';

interface WorkerOptions {
  config: WorkerConfig;
  log: Logger;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
  clock: () => Date;
  /** Replaces agents. For tests that make an agent fail. */
  changeAgents?: (agents: Agents) => Agents;
}

export interface RunningWorker {
  readonly checks: Readonly<Record<'database' | 'redis' | 'jobs', ReadinessCheck>>;
  /** Finishes the running executions, then closes all connections. */
  stop(): Promise<void>;
}

/**
 * Starts a worker. Returns at once. The worker takes jobs as soon as the database is reachable and migrated. Until
 * then, and whenever a server is unreachable, the readiness checks fail and say why.
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { config, log, instruments, clock } = options;
  const servers = openConnections(
    { database: postgresFrom<Database>(config), redis: redisFrom(config) },
    { log, instruments },
  );
  const { database: db, redis } = servers.clients;
  const queue = openExecutionQueue(redis);
  const run: RunOptions = { db, agents: buildAgents(options, db), clock, log, instruments };
  const depth = observeQueue(queue, { instruments, log, clock });
  const stopping = new AbortController();
  let worker: ExecutionWorker | undefined;

  const takeJobs = () => {
    const onError = (error: Error) => log.warn({ error }, 'the job queue reports an error');
    worker = startExecutionWorker(redis, {
      concurrency: config.WORKER_CONCURRENCY,
      handle: createJobHandler(run),
      onError,
    });
    log.info({ concurrency: config.WORKER_CONCURRENCY }, 'taking jobs');
  };
  const started = keepTrying('migrate the database', () => migrate(db, log), { log, signal: stopping.signal }).then(
    (): Repetition[] => {
      takeJobs();
      return [followDeclaredPipelines(run), observePipelines(run), startSweep({ ...run, queue })];
    },
  );

  return {
    checks: {
      ...servers.checks,
      jobs: () => (worker ? worker.check() : 'waiting for the database'),
    },
    async stop() {
      stopping.abort();
      // `started` rejects if it is aborted while it waits for the database.
      const repetitions = await started.catch(() => []);
      await worker?.stop();
      await Promise.all([depth, ...repetitions].map((repetition) => repetition.stop()));
      await servers.close();
    },
  };
}

function buildAgents(options: WorkerOptions, db: RunOptions['db']): Agents {
  const { config, changeAgents = (agents) => agents } = options;
  const agents = createAgents({
    db,
    clock: options.clock,
    brokerOf: openBrokers({ ...options, db }),
    advise: createAdvise({ ...options, db, settings: readModelSettings(config) }),
    feeBasisPoints: config.PAPER_FEE_BPS,
    maxSignalAgeSeconds: config.SIGNAL_MAX_AGE_SECONDS,
  });
  return changeAgents(agents);
}
