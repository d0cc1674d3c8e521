import type { Kafka } from 'kafkajs';
import { topics } from '#catalogue/topics.ts';
import { until } from './eventually.ts';

const GONE_MS = 15_000;

/**
 * Deletes the platform's topics, and the consumer groups that have no members, so that the next service starts with empty topics.
 * @throws Error that names the topics that still exist after the timeout
 */
export async function deleteTopics(kafka: Kafka): Promise<void> {
  const names: readonly string[] = Object.values(topics).map(({ name }) => name);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = async () => (await admin.listTopics()).filter((name) => names.includes(name));
    await admin.deleteTopics({ topics: await existing() });
    await until(GONE_MS, 'the topics are deleted', existing, (left) => left.length === 0);
    const { groups } = await admin.listGroups();
    // Kafka refuses to delete groups with members, but deletes all other groups.
    await admin.deleteGroups(groups.map(({ groupId }) => groupId)).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }
}
