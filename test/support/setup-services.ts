import './provided-context.ts';
import type { TestProject } from 'vitest/node';
import { startKafka } from './start-kafka.ts';
import { startPostgres } from './start-postgres.ts';
import { startRedis } from './start-redis.ts';

/** Vitest's global setup for tests of the services: starts one real Postgres, Redis and Kafka for all of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const starting = [startPostgres(), startRedis(), startKafka()] as const;
  const stop = async () => {
    const results = await Promise.allSettled(starting);
    await Promise.all(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.stop()] : [])));
  };
  try {
    const [postgres, redis, kafka] = await Promise.all(starting);
    project.provide('postgresUrl', postgres.url);
    project.provide('redisUrl', redis.url);
    project.provide('kafkaBrokers', kafka.brokers);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
