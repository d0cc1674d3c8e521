import { setTimeout as sleep } from 'node:timers/promises';
import { keepTrying } from '#base/keep-trying.ts';
import { topics } from '#catalogue/topics.ts';
import { type BatchConsumer, consumeBatches } from '#kit/kafka/consume-batches.ts';
import { createTopics, type Kafka } from '#kit/kafka/kafka.ts';
import { type Publisher, startPublisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import type { MessageHandler } from '#platform/messages/handle-messages.ts';
import type { BackendConfig } from '../config.ts';

const CONNECTING_GRACE_MS = 3_000;
/** How long a stop of the process waits for Kafka to accept the dead letters of the current batch. */
const STOP_GRACE_MS = 5_000;
const GROUP = 'backend-market-data';

interface MarketDataOptions {
  kafka: Kafka;
  config: BackendConfig;
  createHandler: (parts: { publisher: Publisher; giveUp: AbortSignal }) => MessageHandler;
  /** Ends the process. Called if the consumer cannot go on. */
  fail: (error: Error) => void;
  log: Logger;
}

interface MarketData {
  /** Readiness check for /readyz: returns undefined if the consumer is a member of its group, or else the reason. */
  check(): string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts consuming the topic `market-data`. Returns at once. Connects in the background, and retries until the brokers
 * respond.
 */
export function startMarketData({ kafka, config, createHandler, fail, log }: MarketDataOptions): MarketData {
  const stopping = new AbortController();
  const giveUp = new AbortController();
  let consumer: BatchConsumer | undefined;
  let publisher: Publisher | undefined;

  async function connect(): Promise<void> {
    await createTopics(kafka);
    publisher ??= await startPublisher(kafka, log);
    consumer = await consumeBatches(kafka, {
      groupId: GROUP,
      topic: topics.marketData.name,
      maxMessages: config.MARKET_DATA_BATCH_MAX,
      maxWaitMs: config.MARKET_DATA_BATCH_WAIT_MS,
      handle: createHandler({ publisher, giveUp: giveUp.signal }),
      onFailed: fail,
      log,
    });
  }

  const { signal } = stopping;
  const connected = keepTrying('connect to Kafka', connect, { log, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    check: () => (consumer ? consumer.check() : 'not connected yet'),
    async stop() {
      stopping.abort();
      // Connecting to unreachable brokers takes long. Stop waiting after a moment, because there is no work to finish
      // before the connection exists.
      await Promise.race([connected, sleep(CONNECTING_GRACE_MS, undefined, { ref: false })]);
      const grace = setTimeout(() => giveUp.abort(new Error('the process stops')), STOP_GRACE_MS);
      await consumer?.stop();
      clearTimeout(grace);
      await publisher?.stop();
    },
  };
}
