import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Kafka } from 'kafkajs';
import { startFetchBudget, unreadableReason } from './compression/codecs.ts';

interface ReadLastOptions<Item> {
  readonly groupId: string;
  /** Parses a message. Returns undefined to pass over a message that is not an item. */
  readonly parse: (value: Buffer) => Item | undefined;
  /** How many of the newest offsets of each partition are read. Default 200. */
  readonly perPartition?: number;
  readonly timeoutMs?: number;
}

/**
 * Reads the last item of each key, among the newest offsets of each partition of a topic. A producer that publishes its
 * own progress uses this to resume where it stopped. Returns an empty map for an empty topic.
 * @throws Error if the newest messages do not arrive within `timeoutMs`, or cannot be read
 */
export async function readLast<Item>(
  kafka: Kafka,
  topic: string,
  { groupId, parse, perPartition = 200, timeoutMs = 15_000 }: ReadLastOptions<Item>,
): Promise<Map<string, Item>> {
  const waiting = await newestRanges(kafka, topic, perPartition);
  const last = new Map<string, Item>();
  if (waiting.size === 0) return last;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    const read = untilRead(consumer, waiting);
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message: { key, value, headers } }) => {
        const item = key && value && unreadableReason(headers) === undefined ? parse(value) : undefined;
        if (key && item !== undefined) last.set(key.toString(), item);
      },
    });
    for (const [partition, { start }] of waiting) consumer.seek({ topic, partition, offset: String(start) });
    const late = sleep(timeoutMs, undefined, { ref: false }).then(() => {
      throw new Error(`the newest messages of ${topic} did not arrive within ${timeoutMs} ms`);
    });
    await Promise.race([read, late]);
  } finally {
    await consumer.disconnect();
  }
  return last;
}

/**
 * Resolves once every partition is read to its end. The end is not always a message: it can be a control record of a
 * transaction, which kafkajs passes over.
 */
function untilRead(consumer: Consumer, ranges: ReadonlyMap<number, { end: bigint }>): Promise<void> {
  const waiting = new Map(ranges);
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => undefined);
  const { FETCH_START, END_BATCH_PROCESS, CRASH } = consumer.events;
  consumer.on(FETCH_START, startFetchBudget);
  consumer.on(END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    const range = waiting.get(partition);
    if (range && BigInt(lastOffset) + 1n >= range.end) waiting.delete(partition);
    if (waiting.size === 0) done.resolve();
  });
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    if (!restart) done.reject(error);
  });
  return done.promise;
}

async function newestRanges(
  kafka: Kafka,
  topic: string,
  count: number,
): Promise<Map<number, { start: bigint; end: bigint }>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ranges = new Map<number, { start: bigint; end: bigint }>();
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      const end = BigInt(high);
      const newest = end - BigInt(count);
      const start = newest > BigInt(low) ? newest : BigInt(low);
      if (start < end) ranges.set(partition, { start, end });
    }
    return ranges;
  } finally {
    await admin.disconnect();
  }
}
