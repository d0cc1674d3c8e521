import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Log } from '#base/log.ts';
import { Batcher } from './batcher.ts';
import { startFetchBudget, unreadableReason } from './compression/codecs.ts';
import { type PartitionProgress, ProgressTracker } from './partition-progress.ts';

export interface IncomingMessage {
  topic: string;
  partition: number;
  offset: bigint;
  /** Time of publishing, in milliseconds since 1970. */
  timestampMs: number;
  key: string | undefined;
  value: Buffer;
  headers: IHeaders;
  /**
   * Present if this message stands for a whole record batch that cannot be decompressed: the reason, with the offsets
   * of the batch. Key, value and headers are then empty.
   */
  unreadable?: string;
}

export interface ConsumeOptions {
  groupId: string;
  topic: string;
  /** A batch is handled as soon as it has this many messages, or `maxWaitMs` after its first message. */
  maxMessages: number;
  maxWaitMs: number;
  /**
   * If true, a new group starts at the oldest message of the topic; if false, at the next new message. Default true.
   */
  fromBeginning?: boolean;
  /**
   * Handles a batch. Kafka offsets are committed after this function returns. If this function throws, it is called
   * again with the same messages. Delivery is therefore at-least-once.
   */
  handle: (batch: readonly IncomingMessage[]) => Promise<void>;
  /**
   * Called after the offsets of a batch are committed. `messages` is the number of messages in the batch, `seconds` the
   * time from the first call of `handle` to the commit.
   */
  onCommitted?: (messages: number, seconds: number) => void;
  /**
   * Called if the consumer has left the group and cannot go on, as after an error of rights. The caller must end the
   * process: a process that lives on without its consumer looks healthy and does nothing.
   */
  onFailed: (error: Error) => void;
  log: Log;
}

export interface BatchConsumer {
  progress(now: number): PartitionProgress[];
  /**
   * Readiness check for /readyz: returns undefined once the consumer is a member of the group, and before that the
   * reason.
   */
  check(): string | undefined;
  /** Finishes the current batch, commits its offsets and leaves the group. */
  stop(): Promise<void>;
}

/**
 * Joins a consumer group and handles its messages in batches, until the consumer is stopped. A batch can contain
 * messages of several partitions.
 */
export async function consumeBatches(kafka: Kafka, options: ConsumeOptions): Promise<BatchConsumer> {
  const { groupId, topic, log, fromBeginning = true } = options;
  const consumer = createConsumer(kafka, groupId);
  const tracker = new ProgressTracker({ kafka, groupId, topic, fromBeginning, log });
  const stopping = new AbortController();
  const batcher = new Batcher<IncomingMessage>(options.maxMessages, options.maxWaitMs, async (batch) => {
    const began = performance.now();
    await handleUntilDone(options, batch, stopping.signal);
    const ends = new Map(batch.map((message) => [message.partition, message.offset + 1n]));
    await commit(consumer, topic, ends);
    for (const [partition, offset] of ends) tracker.committed(partition, offset);
    options.onCommitted?.(batch.length, (performance.now() - began) / 1_000);
  });
  const membership = watchMembership(consumer, tracker, options, stopping.signal);

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 16,
    eachBatch: (payload) => passOn(payload, batcher, tracker),
  });

  return {
    progress: (now) => tracker.progress(now),
    check: () => (membership.joined ? undefined : `not a member of the group ${groupId} yet`),
    async stop() {
      // Stop the batcher before the consumer, because the offsets of the current batch must be committed before the
      // consumer leaves the group.
      stopping.abort();
      await batcher.stop();
      await tracker.stop();
      await consumer.disconnect();
    },
  };
}

function createConsumer(kafka: Kafka, groupId: string): Consumer {
  return kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: 10_000,
    heartbeatInterval: 2_000,
    // The longest time of a fetch. It is short, because leaving the group waits for the fetch in flight.
    maxWaitTimeInMs: 250,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 5_000,
      retries: Number.MAX_SAFE_INTEGER,
      restartOnFailure: async () => true,
    },
  });
}

function watchMembership(
  consumer: Consumer,
  tracker: ProgressTracker,
  { groupId, topic, log, onFailed }: ConsumeOptions,
  stopping: AbortSignal,
): { joined: boolean } {
  const membership = { joined: false };
  const { GROUP_JOIN, CRASH, FETCH_START, END_BATCH_PROCESS } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => {
    const assigned = payload.memberAssignment[topic] ?? [];
    membership.joined = true;
    tracker.assign(assigned);
    log.info({ group: groupId, partitions: assigned }, 'joined the consumer group');
  });
  consumer.on(FETCH_START, startFetchBudget);
  // kafkajs passes over control records and aborted transactions without calling eachBatch.
  consumer.on(END_BATCH_PROCESS, ({ payload }) => tracker.passed(payload.partition, BigInt(payload.lastOffset) + 1n));
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    membership.joined = false;
    if (restart) log.error({ error, group: groupId }, 'consumer crashed, starting again');
    else if (!stopping.aborted)
      onFailed(new Error(`the consumer of ${topic} cannot go on: ${error.message}`, { cause: error }));
  });
  return membership;
}

/**
 * Commits offsets, keyed by partition.
 * @throws the broker's own error. kafkajs joins the group again if it sees that the group is rebalancing, but its
 * commit hides that in an error that ends the consumer for good
 */
async function commit(consumer: Consumer, topic: string, ends: ReadonlyMap<number, bigint>): Promise<void> {
  const offsets = Array.from(ends, ([partition, offset]) => ({ topic, partition, offset: String(offset) }));
  try {
    await consumer.commitOffsets(offsets);
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  }
}

/**
 * Passes the messages of a fetch to the batcher, waits until each message is handled and its offset committed, and
 * sends heartbeats meanwhile.
 */
async function passOn(
  payload: EachBatchPayload,
  batcher: Batcher<IncomingMessage>,
  tracker: ProgressTracker,
): Promise<void> {
  const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
  const { topic, partition } = batch;
  const messages = batch.messages.map((message) => read(topic, partition, message));
  tracker.fetched(partition, BigInt(batch.highWatermark), messages[0]?.timestampMs);
  const beat = setInterval(() => void heartbeat().catch(() => undefined), 2_000);
  try {
    const handled = messages.map((message) => batcher.add(message));
    for (const [index, done] of handled.entries()) {
      await done;
      const message = messages[index];
      if (message && isRunning() && !isStale()) resolveOffset(String(message.offset));
      tracker.handled(partition, messages[index + 1]?.timestampMs);
    }
  } finally {
    clearInterval(beat);
  }
}

async function handleUntilDone(
  { handle, log }: ConsumeOptions,
  batch: IncomingMessage[],
  stopping: AbortSignal,
): Promise<void> {
  const backoff = createBackoff(100, 5_000);
  while (true) {
    try {
      return await handle(batch);
    } catch (error) {
      if (stopping.aborted) throw error;
      log.error({ error, messages: batch.length }, 'could not handle a batch, trying again');
      await backoff.wait(stopping);
    }
  }
}

function read(topic: string, partition: number, message: KafkaMessage): IncomingMessage {
  const unreadable = unreadableReason(message.headers);
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key?.toString(),
    value: message.value ?? Buffer.alloc(0),
    headers: unreadable === undefined ? (message.headers ?? {}) : {},
    ...(unreadable !== undefined && { unreadable }),
  };
}
