import { keepTrying } from '#base/keep-trying.ts';
import { topics } from '#catalogue/topics.ts';
import { type BatchConsumer, type ConsumeOptions, consumeBatches } from '#kit/kafka/consume-batches.ts';
import { createKafka, createTopics } from '#kit/kafka/kafka.ts';
import { readKafkaSecurity } from '#kit/kafka/kafka-security.ts';
import { startPublisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { openDatabase } from '#kit/postgres/database.ts';
import { openRedis } from '#kit/redis.ts';
import { runProcess } from '#kit/run-process.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { PipelineIndex } from '#trading/matching/pipeline-index.ts';
import { type BatchHandler, createBatchHandler } from './batch/handle-batch.ts';
import { startSweeping } from './batch/sweep-waiting.ts';
import { configSchema, type DispatcherConfig } from './config.ts';
import { createDispatcherMetrics, type DispatcherMetrics, observeDispatcher } from './dispatcher-metrics.ts';
import { followPipelines, IndexKeeper } from './pipelines/index-keeper.ts';

const NAME = 'trigger-dispatcher';
/** How long a stop waits for Postgres, Redis and Kafka to accept the batch at hand. */
const STOP_GRACE_MS = 10_000;

await runProcess(NAME, configSchema, async ({ config, log, instruments, ops, stopping }) => {
  const metrics = createDispatcherMetrics(instruments);
  const index = new PipelineIndex();
  let consumer: BatchConsumer | undefined;
  observeDispatcher(instruments, index, () => consumer?.progress(Date.now()) ?? []);

  const database = openDatabase<Database>({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    log,
    instruments,
  });
  const redis = openRedis({ url: config.REDIS_URL, log, instruments });
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    security: readKafkaSecurity(config),
    clientId: NAME,
    log,
  });
  ops.addCheck('postgres', () => database.check());
  ops.addCheck('redis', () => (redis.status === 'ready' ? undefined : `connection is ${redis.status}`));
  ops.addCheck('kafka', () => (consumer ? consumer.check() : `no member of a group on ${config.KAFKA_BROKERS} yet`));

  const { db } = database;
  const queue = openExecutionQueue(redis);
  const keeper = new IndexKeeper({ db, index, metrics, log });
  const waiting = { log, signal: stopping };
  await keepTrying('migrate the database', () => migrate(db, log), waiting);
  // Must precede the first signal, which would match nothing in an empty index.
  await keepTrying('read the pipelines', () => keeper.refresh(), waiting);
  await keepTrying('create the topics', () => createTopics(kafka), waiting);
  const publisher = await keepTrying('start publishing', () => startPublisher(kafka, log), waiting);

  const giveUp = new AbortController();
  const handle = createBatchHandler({ index, db, queue, publisher, metrics, log, giveUp: giveUp.signal });
  const consumption = buildConsumption({ config, handle, metrics, log });
  const joined = await keepTrying('join the consumer group', () => consumeBatches(kafka, consumption), waiting);
  consumer = joined;
  const refreshEveryMs = config.REFRESH_INTERVAL_MS;
  const following = followPipelines({ keeper, databaseUrl: config.DATABASE_URL, refreshEveryMs, log });
  const sweeping = startSweeping({ db, queue, everyMs: config.SWEEP_INTERVAL_MS, log });

  return async () => {
    const grace = setTimeout(() => giveUp.abort(new Error('the process stops')), STOP_GRACE_MS);
    await joined.stop();
    clearTimeout(grace);
    await Promise.all([following.stop(), sweeping.stop(), publisher.stop()]);
    await queue.close();
    redis.disconnect();
    await database.close();
  };
});

interface ConsumptionParts {
  config: DispatcherConfig;
  handle: BatchHandler;
  metrics: DispatcherMetrics;
  log: Logger;
}

function buildConsumption({ config, handle, metrics, log }: ConsumptionParts): ConsumeOptions {
  return {
    groupId: NAME,
    topic: topics.signals.name,
    maxMessages: config.BATCH_MAX_SIGNALS,
    maxWaitMs: config.BATCH_MAX_WAIT_MS,
    handle,
    onCommitted: (messages, seconds) => {
      metrics.batchSize.record(messages);
      metrics.batchDuration.record(seconds);
      metrics.lastDispatch.set(Date.now() / 1_000);
    },
    log,
  };
}
