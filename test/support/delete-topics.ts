import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { topics } from '#catalogue/topics.ts';

const GONE_MS = 15_000;

/**
 * Deletes the platform's topics, and where groups whose members have left stand in them: the next service finds an empty market.
 * @throws Error that names the topics that are still there after a while
 */
export async function deleteTopics(kafka: Kafka): Promise<void> {
  const names: readonly string[] = Object.values(topics).map(({ name }) => name);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = async () => (await admin.listTopics()).filter((name) => names.includes(name));
    await admin.deleteTopics({ topics: await existing() });
    const deadline = performance.now() + GONE_MS;
    for (let left = await existing(); left.length > 0; left = await existing()) {
      if (performance.now() > deadline) throw new Error(`not deleted after ${GONE_MS / 1_000} s: ${left.join(', ')}`);
      await sleep(50);
    }
    const { groups } = await admin.listGroups();
    // It refuses those that still have members, and deletes the others.
    await admin.deleteGroups(groups.map(({ groupId }) => groupId)).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }
}
