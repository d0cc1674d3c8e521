import type { Admin } from 'kafkajs';

const DAY_MS = 24 * 3_600_000;
/** The search begins this long ago. An older message counts as this old. */
const OLDEST_MS = 31 * DAY_MS;
const PRECISION_MS = 1_000;

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Finds when the message at an offset was published, in milliseconds since 1970, to a second, without reading the
 * message. Bisects the times with the request of Kafka that returns the first offset at or after a time: 22 requests.
 */
export async function findTimeOf(admin: Admin, { topic, partition, offset }: Place, now: number): Promise<number> {
  const isReached = async (time: number): Promise<boolean> => {
    const firsts = await admin.fetchTopicOffsetsByTimestamp(topic, time);
    const first = firsts.find((one) => one.partition === partition);
    return first !== undefined && BigInt(first.offset) <= offset;
  };
  let early = now - OLDEST_MS;
  let late = now + DAY_MS;
  while (late - early > PRECISION_MS) {
    const middle = Math.floor((early + late) / 2);
    if (await isReached(middle)) early = middle;
    else late = middle;
  }
  return Math.min(early, now);
}
