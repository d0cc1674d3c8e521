import type { EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '../log.ts';
import { Batcher } from './batcher.ts';

export interface IncomingMessage {
  topic: string;
  partition: number;
  offset: bigint;
  /** When it was published, milliseconds since the epoch. */
  timestampMs: number;
  key: string | undefined;
  value: Buffer;
  /** As they came. */
  headers: IHeaders;
}

/** Where a partition stands: what is committed, how far it reaches, and how old the oldest unconsumed message is. */
export interface PartitionProgress {
  topic: string;
  partition: number;
  committed: bigint;
  end: bigint;
  /** Seconds; 0 when caught up. */
  lagSeconds: number;
}

export interface ConsumeOptions {
  groupId: string;
  topic: string;
  /** A batch is handled when it has this many messages, or after `maxWaitMs` from its first. */
  maxMessages: number;
  maxWaitMs: number;
  /** From the beginning of the topic for a new group: nothing published before it joined is missed. */
  fromBeginning?: boolean;
  /** Must be safe to run again on the same messages. Offsets are committed only after it; when it throws, it is called again. */
  handle: (batch: readonly IncomingMessage[]) => Promise<void>;
  /** Called once the offsets of a batch are committed, with how long that took since the batch was full or due. */
  onCommitted?: (messages: number, seconds: number) => void;
  log: Logger;
}

export interface BatchConsumer {
  progress(now: number): PartitionProgress[];
  /** For /readyz: nothing once the group was joined. */
  check(): string | undefined;
  /** Handles what was begun, commits it and leaves the group. */
  stop(): Promise<void>;
}

interface PartitionState {
  topic: string;
  partition: number;
  committed: bigint;
  end: bigint;
  oldestTimestampMs: number | undefined;
}

/** Joins a group and hands its messages on in batches over all assigned partitions, until it is stopped. */
export async function consumeBatches(kafka: Kafka, options: ConsumeOptions): Promise<BatchConsumer> {
  const { groupId, topic, log } = options;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: 10_000,
    heartbeatInterval: 2_000,
    // A pending fetch holds up leaving the group for as long as it may wait.
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
      log.warn({ error, group: groupId }, 'could not read where the group stands; known from the first message on');
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
      // First let the running batch end and commit; only then leave the group.
      stopping.abort();
      await batcher.stop();
      await consumer.disconnect();
    },
  };
}

/** Waits until each message of a partition's fetch was handled and committed, heartbeating meanwhile. */
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
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff(100, 5_000);
  while (true) {
    try {
      return await handle(batch);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ error, messages: batch.length }, 'could not handle a batch, trying again');
      await backoff.wait(signal);
    }
  }
}

/** Where the assigned partitions stand before their first message, so that an idle partition is reported too. */
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
