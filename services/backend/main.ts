import { openConnections } from '#kit/connections.ts';
import { kafkaFrom } from '#kit/kafka/kafka.ts';
import { chooseListenHost } from '#kit/listen-host.ts';
import { postgresFrom } from '#kit/postgres/database.ts';
import { redisFrom } from '#kit/redis.ts';
import { runProcess } from '#kit/run-process.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import { followDeclaredPipelines } from '#platform/follow-declared-pipelines.ts';
import { startMigration } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { LastPrices } from '#trading/market/last-prices.ts';
import { createApi } from './api/api.ts';
import { configSchema } from './config.ts';
import { createEmittedWatch } from './market-data/emitted-watch.ts';
import { createHandleBars } from './market-data/handle-bars.ts';
import { startMarketData } from './market-data/start-market-data.ts';
import { migrateDatabase } from './migrate-database.ts';
import { showCounters, startCountersAtZero } from './pipelines/counters-at-zero.ts';
import { createEnqueue, createRunPipeline } from './pipelines/run-pipeline.ts';
import { keepValued } from './portfolio/keep-valued.ts';
import { createPortfolioGauges } from './portfolio/portfolio-gauges.ts';
import { startFeed } from './stream/start-feed.ts';
import { StreamHub } from './stream/stream-hub.ts';

// `main.mjs migrate` prepares the database and ends
if (process.argv[2] === 'migrate') process.exit(await migrateDatabase(process.env));

await runProcess('backend', configSchema, async ({ config, log, instruments, ops, scrape, fail }) => {
  // celery-worker records these two metrics. The backend only creates them, because the catalogue lists the backend
  // among their emitters.
  instruments.counter('trading_bot_trades_total');
  instruments.gauge('pipeline_executions_active');
  const stopping = new AbortController();
  const servers = openConnections(
    { database: postgresFrom<Database>(config), redis: redisFrom(config), kafka: kafkaFrom(config, 'backend') },
    { log, instruments },
  );
  const { database: db, redis, kafka } = servers.clients;
  const queue = openExecutionQueue(redis);
  const lastPrices = new LastPrices();

  showCounters(instruments);
  const migration = startMigration(db, log, stopping.signal);
  const emitted = createEmittedWatch({ db, now: Date.now });
  const createHandler = createHandleBars({ db, lastPrices, log, instruments, emitted, now: Date.now });
  const marketData = startMarketData({ kafka, config, createHandler, fail, log });
  const gauges = createPortfolioGauges(instruments);
  const everyMs = config.PORTFOLIO_INTERVAL_MS;
  const repetitions = migration.ended.then(() => [
    followDeclaredPipelines({ db, instruments, log }),
    startCountersAtZero({ db, instruments, log }),
    keepValued({ db, lastPrices, gauges, everyMs, log }),
  ]);

  const hub = new StreamHub({ config, log, instruments });
  const feed = startFeed({ databaseUrl: config.DATABASE_URL, db, hub, coalesceMs: config.STREAM_COALESCE_MS, log });
  const enqueue = createEnqueue(redis, queue);
  const runPipeline = createRunPipeline({ db, enqueue, enqueueTimeoutMs: config.ENQUEUE_TIMEOUT_MS, log, instruments });
  const checks = {
    ...servers.checks,
    database: () => migration.check() ?? servers.checks.database(),
    kafka: () => marketData.check(),
  };
  for (const [name, check] of Object.entries(checks)) ops.addCheck(name, check);
  const routes = { db, log, emitted, priceOf: lastPrices.of, runPipeline, hub, checks, scrape, now: () => new Date() };
  const api = await createApi({ ...routes, config, instruments });
  await api.listen({ host: await chooseListenHost(config.API_HOST), port: config.API_PORT });

  return async () => {
    stopping.abort();
    await api.close();
    const repeated = (await repetitions).map((repetition) => repetition.stop());
    await Promise.all([feed.stop(), marketData.stop(), ...repeated]);
    await queue.close();
    await servers.close();
  };
});
