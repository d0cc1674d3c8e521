import { keepTrying } from '#base/keep-trying.ts';
import { topics } from '#catalogue/topics.ts';
import { openConnections } from '#kit/connections.ts';
import { type BatchConsumer, type ConsumeOptions, consumeBatches } from '#kit/kafka/consume-batches.ts';
import { createTopics, kafkaFrom } from '#kit/kafka/kafka.ts';
import { startPublisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { postgresFrom } from '#kit/postgres/database.ts';
import { redisFrom } from '#kit/redis.ts';
import { runProcess } from '#kit/run-process.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import type { MessageHandler } from '#platform/messages/handle-messages.ts';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { PipelineIndex } from '#trading/matching/pipeline-index.ts';
import { createBatchHandler } from './batch/handle-batch.ts';
import { startSweeping } from './batch/sweep-waiting.ts';
import { configSchema, type DispatcherConfig } from './config.ts';
import { createDispatcherMetrics, type DispatcherMetrics, observeDispatcher } from './dispatcher-metrics.ts';
import { followPipelines, IndexKeeper } from './pipelines/index-keeper.ts';
import { startSchedules } from './schedules/start-schedules.ts';

const NAME = 'trigger-dispatcher';
/** How long a stop of the process waits for Postgres, Redis and Kafka to accept the current batch. */
const STOP_GRACE_MS = 10_000;

await runProcess(NAME, configSchema, async ({ config, log, instruments, ops, stopping, fail }) => {
  const metrics = createDispatcherMetrics(instruments);
  const index = new PipelineIndex(config.PIPELINES_MAX_ENTRIES);
  let consumer: BatchConsumer | undefined;
  observeDispatcher(instruments, index, () => consumer?.progress(Date.now()) ?? []);

  const servers = openConnections(
    { postgres: postgresFrom<Database>(config), redis: redisFrom(config), kafka: kafkaFrom(config, NAME) },
    { log, instruments, ops },
  );
  const { postgres: db, redis, kafka } = servers.clients;
  ops.addCheck('kafka', () => (consumer ? consumer.check() : `no member of a group on ${config.KAFKA_BROKERS} yet`));

  const queue = openExecutionQueue(redis);
  const keeper = new IndexKeeper({ db, index, metrics, log });
  const waiting = { log, signal: stopping };
  await keepTrying('migrate the database', () => migrate(db, log), waiting);
  // Before Kafka, because schedules need no signals.
  const schedules = startSchedules({ db, queue, everyMs: config.SCHEDULE_INTERVAL_MS, log });
  ops.addCheck('schedules', schedules.check);
  // Fill the index before the first signal is consumed, because in an empty index no signal matches a pipeline.
  await keepTrying('read the pipelines', () => keeper.refresh(), waiting);
  await keepTrying('create the topics', () => createTopics(kafka), waiting);
  const publisher = await keepTrying('start publishing', () => startPublisher(kafka, log), waiting);

  const giveUp = new AbortController();
  const handle = createBatchHandler({ index, db, queue, publisher, metrics, log, giveUp: giveUp.signal });
  const consumption = buildConsumption({ config, handle, metrics, fail, log });
  const joined = await keepTrying('join the consumer group', () => consumeBatches(kafka, consumption), waiting);
  consumer = joined;
  const refreshEveryMs = config.REFRESH_INTERVAL_MS;
  const following = followPipelines({ keeper, databaseUrl: config.DATABASE_URL, refreshEveryMs, log });
  const sweeping = startSweeping({ db, queue, everyMs: config.SWEEP_INTERVAL_MS, log });

  return async () => {
    const grace = setTimeout(() => giveUp.abort(new Error('the process stops')), STOP_GRACE_MS);
    await Promise.all([joined.stop(), schedules.stop()]);
    clearTimeout(grace);
    await Promise.all([following.stop(), sweeping.stop(), publisher.stop()]);
    await queue.close();
    await servers.close();
  };
});

interface ConsumptionParts {
  config: DispatcherConfig;
  handle: MessageHandler;
  metrics: DispatcherMetrics;
  fail: (error: Error) => void;
  log: Logger;
}

function buildConsumption({ config, handle, metrics, fail, log }: ConsumptionParts): ConsumeOptions {
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
    onFailed: fail,
    log,
  };
}
