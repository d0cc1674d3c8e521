import type { EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Log } from '#base/log.ts';
import { Batcher } from './batcher.ts';

export interface IncomingMessage {
  topic: string;
  partition: number;
  offset: bigint;
  /** Time of publishing, in milliseconds since 1970. */
  timestampMs: number;
  key: string | undefined;
  value: Buffer;
  headers: IHeaders;
}

/** How far a consumer group has consumed one partition. */
export interface PartitionProgress {
  topic: string;
  partition: number;
  /** The committed offset of the group: the offset of the next message to consume. */
  committed: bigint;
  /** The offset after the newest message of the partition. */
  end: bigint;
  /** Age of the oldest message that is not yet consumed; 0 if all messages are consumed. */
  lagSeconds: number;
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

interface PartitionState {
  topic: string;
  partition: number;
  committed: bigint;
  end: bigint;
  oldestTimestampMs: number | undefined;
}

/**
 * Joins a consumer group and handles its messages in batches, until the consumer is stopped. A batch can contain
 * messages of several partitions.
 */
export async function consumeBatches(kafka: Kafka, options: ConsumeOptions): Promise<BatchConsumer> {
  const { groupId, topic, log } = options;
  const consumer = kafka.consumer({
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
  const partitions = new Map<number, PartitionState>();
  const stopping = new AbortController();
  let joined = false;

  const batcher = new Batcher<IncomingMessage>(options.maxMessages, options.maxWaitMs, async (batch) => {
    const began = performance.now();
    await handleUntilDone(options, batch, stopping.signal);
    const ends = new Map(batch.map((message) => [message.partition, message.offset + 1n]));
    await consumer.commitOffsets(
      [...ends].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    );
    for (const [partition, offset] of ends) stateOf(partitions, topic, partition).committed = offset;
    options.onCommitted?.(batch.length, (performance.now() - began) / 1_000);
  });

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const assigned = payload.memberAssignment[topic] ?? [];
    joined = true;
    partitions.clear();
    log.info({ group: groupId, partitions: assigned }, 'joined the consumer group');
    readProgress(kafka, groupId, topic, assigned, partitions).catch((error: unknown) => {
      log.warn(
        { error, group: groupId },
        'could not read the committed offsets; the lag is known from the first message on',
      );
    });
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    joined = false;
    log.error({ error: payload.error, group: groupId }, 'consumer crashed, starting again');
  });

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: options.fromBeginning ?? true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 16,
    eachBatch: (payload) => passOn(payload, batcher, stateOf(partitions, topic, payload.batch.partition)),
  });

  return {
    progress: (now) => [...partitions.values()].map((state) => progressOf(state, now)),
    check: () => (joined ? undefined : `not a member of the group ${groupId} yet`),
    async stop() {
      // Stop the batcher before the consumer, because the offsets of the current batch must be committed before the
      // consumer leaves the group.
      stopping.abort();
      await batcher.stop();
      await consumer.disconnect();
    },
  };
}

/**
 * Passes the messages of a fetch to the batcher, waits until each message is handled and its offset committed, and
 * sends heartbeats meanwhile.
 */
async function passOn(
  payload: EachBatchPayload,
  batcher: Batcher<IncomingMessage>,
  state: PartitionState,
): Promise<void> {
  const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
  state.end = BigInt(batch.highWatermark);
  const messages = batch.messages.map((message) => read(batch.topic, batch.partition, message));
  state.oldestTimestampMs = messages[0]?.timestampMs;
  const beat = setInterval(() => void heartbeat().catch(() => undefined), 2_000);
  try {
    const handled = messages.map((message) => batcher.add(message));
    for (const [index, done] of handled.entries()) {
      await done;
      const message = messages[index];
      if (message && isRunning() && !isStale()) resolveOffset(String(message.offset));
      state.oldestTimestampMs = messages[index + 1]?.timestampMs;
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

/**
 * Reads the offsets of the assigned partitions. Without this, the progress of a partition would be unknown until its
 * first message arrives.
 */
async function readProgress(
  kafka: Kafka,
  groupId: string,
  topic: string,
  assigned: readonly number[],
  partitions: Map<number, PartitionState>,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    for (const { partition, offset } of committed?.partitions ?? []) {
      if (!assigned.includes(partition)) continue;
      const state = stateOf(partitions, topic, partition);
      if (BigInt(offset) > state.committed) state.committed = BigInt(offset);
      if ((ends.get(partition) ?? 0n) > state.end) state.end = ends.get(partition) ?? 0n;
    }
  } finally {
    await admin.disconnect();
  }
}

function stateOf(partitions: Map<number, PartitionState>, topic: string, partition: number): PartitionState {
  let state = partitions.get(partition);
  if (!state) {
    state = { topic, partition, committed: 0n, end: 0n, oldestTimestampMs: undefined };
    partitions.set(partition, state);
  }
  return state;
}

function progressOf(
  { topic, partition, committed, end, oldestTimestampMs }: PartitionState,
  now: number,
): PartitionProgress {
  const behind = oldestTimestampMs !== undefined && committed < end;
  return { topic, partition, committed, end, lagSeconds: behind ? Math.max(0, (now - oldestTimestampMs) / 1_000) : 0 };
}

function read(topic: string, partition: number, message: KafkaMessage): IncomingMessage {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key?.toString(),
    value: message.value ?? Buffer.alloc(0),
    headers: message.headers ?? {},
  };
}
