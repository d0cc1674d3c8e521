import { openDatabase } from '#kit/postgres/database.ts';
import { openRedis } from '#kit/redis.ts';
import { runProcess } from '#kit/run-process.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import { followDeclaredPipelines } from '#platform/follow-declared-pipelines.ts';
import { startMigration } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { LastPrices } from '#trading/market/last-prices.ts';
import { createApi } from './api/api.ts';
import { configSchema } from './config.ts';
import { createHandleBars } from './market-data/handle-bars.ts';
import { startMarketData } from './market-data/start-market-data.ts';
import { createEnqueue, createRunPipeline } from './pipelines/run-pipeline.ts';
import { keepValued } from './portfolio/keep-valued.ts';
import { createPortfolioGauges } from './portfolio/portfolio-gauges.ts';
import { startFeed } from './stream/start-feed.ts';
import { StreamHub } from './stream/stream-hub.ts';

await runProcess('backend', configSchema, async ({ config, log, instruments, ops, scrape }) => {
  // celery-worker records these two. The backend declares them, because the catalogue says that it emits them.
  instruments.counter('trading_bot_trades_total');
  instruments.gauge('pipeline_executions_active');
  const stopping = new AbortController();
  const database = openDatabase<Database>({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    log,
    instruments,
  });
  const { db } = database;
  const redis = openRedis({ url: config.REDIS_URL, log, instruments });
  const queue = openExecutionQueue(redis);
  const lastPrices = new LastPrices();

  const migration = startMigration(db, log, stopping.signal);
  const handle = createHandleBars({ db, lastPrices, log, instruments, now: Date.now });
  const marketData = startMarketData({ config, handle, log });
  const gauges = createPortfolioGauges(instruments);
  const everyMs = config.PORTFOLIO_INTERVAL_MS;
  const repetitions = migration.ended.then(() => [
    followDeclaredPipelines({ db, instruments, log }),
    keepValued({ db, lastPrices, gauges, everyMs, log }),
  ]);

  const hub = new StreamHub({ config, log, instruments });
  const feed = startFeed({ databaseUrl: config.DATABASE_URL, db, hub, coalesceMs: config.STREAM_COALESCE_MS, log });
  const enqueue = createEnqueue(redis, queue);
  const runPipeline = createRunPipeline({ db, enqueue, enqueueTimeoutMs: config.ENQUEUE_TIMEOUT_MS, log, instruments });
  const checks = {
    database: () => migration.check() ?? database.check(),
    redis: () => (redis.status === 'ready' ? undefined : `not connected: ${redis.status}`),
    kafka: () => marketData.check(),
  };
  for (const [name, check] of Object.entries(checks)) ops.addCheck(name, check);
  const routes = { db, log, priceOf: lastPrices.of, runPipeline, hub, checks, scrape, now: () => new Date() };
  const api = await createApi({ ...routes, config, instruments });
  await api.listen({ host: config.API_HOST, port: config.API_PORT });

  return async () => {
    stopping.abort();
    await api.close();
    const repeated = (await repetitions).map((repetition) => repetition.stop());
    await Promise.all([feed.stop(), marketData.stop(), ...repeated]);
    await queue.close();
    redis.disconnect();
    await database.close();
  };
});
