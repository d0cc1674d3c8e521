import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';

/**
 * Reads the last message of each key, among the newest `perPartition` messages of each partition of a topic. A producer
 * that publishes its own progress uses this to resume where it stopped. Returns an empty map for an empty topic.
 * @throws Error if the newest messages do not arrive within `timeoutMs`
 */
export async function readLast(
  kafka: Kafka,
  topic: string,
  { groupId, perPartition = 200, timeoutMs = 15_000 }: { groupId: string; perPartition?: number; timeoutMs?: number },
): Promise<Map<string, Buffer>> {
  const waiting = await newestRanges(kafka, topic, perPartition);
  const last = new Map<string, Buffer>();
  if (waiting.size === 0) return last;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    const done = Promise.withResolvers<void>();
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        if (message.key && message.value) last.set(message.key.toString(), message.value);
        const range = waiting.get(partition);
        if (range && BigInt(message.offset) + 1n >= range.end) waiting.delete(partition);
        if (waiting.size === 0) done.resolve();
      },
    });
    for (const [partition, { start }] of waiting) consumer.seek({ topic, partition, offset: String(start) });
    const late = sleep(timeoutMs, undefined, { ref: false }).then(() => {
      throw new Error(`the newest messages of ${topic} did not arrive within ${timeoutMs} ms`);
    });
    await Promise.race([done.promise, late]);
  } finally {
    await consumer.disconnect();
  }
  return last;
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
