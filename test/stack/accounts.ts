import type { Kafka } from 'kafkajs';
import pg from 'pg';
import { topics } from '#catalogue/topics.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { readTopic } from '#tools/observe/read-topic.ts';

/** How many signals there are in each place that a signal passes. */
export interface Accounts {
  /** Messages in the topic. */
  readonly published: number;
  /** Of those, behind the dispatcher's committed offsets. */
  readonly consumed: number;
  readonly stored: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  /** Executions by status. */
  readonly executions: Readonly<Record<string, number>>;
}

const GROUP = 'trigger-dispatcher';

/** What Kafka says was consumed is in Postgres: it is asked first, for the dispatcher stores before it commits. */
export async function readAccounts(kafka: Kafka, postgres: string): Promise<Accounts> {
  const inKafka = await countInKafka(kafka);
  return { ...inKafka, ...(await countInPostgres(postgres)) };
}

export interface SignalIds {
  /** Of the topic, sorted, each once. */
  readonly published: readonly string[];
  /** Of the topic, sorted: what stands in it once more. */
  readonly repeated: readonly string[];
  /** Of Postgres, sorted: what the dispatcher has accounted for. */
  readonly stored: readonly string[];
}

export async function readSignalIds(kafka: Kafka, postgres: string): Promise<SignalIds> {
  const messages = await readTopic(kafka, topics.signals.name);
  const ids = messages.map(({ value }) => (JSON.parse(value.toString()) as Signal).signal_id).sort();
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    const { rows } = await client.query<{ signal_id: string }>('select signal_id from signals');
    return {
      published: [...new Set(ids)],
      repeated: ids.filter((id, index) => id === ids[index - 1]),
      stored: rows.map(({ signal_id }) => signal_id).sort(),
    };
  } finally {
    await client.end();
  }
}

async function countInKafka(kafka: Kafka): Promise<Pick<Accounts, 'published' | 'consumed'>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topic = topics.signals.name;
    const [ends, committed] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId: GROUP, topics: [topic] }),
    ]);
    // an offset of -1: nothing of that partition was ever consumed
    const offsets = committed[0]?.partitions.map(({ offset }) => Math.max(0, Number(offset))) ?? [];
    return { published: sum(ends.map(({ high }) => Number(high))), consumed: sum(offsets) };
  } finally {
    await admin.disconnect();
  }
}

async function countInPostgres(url: string): Promise<Omit<Accounts, 'published' | 'consumed'>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const byOutcome = await countBy(client, 'signals', 'outcome');
    const executions = await countBy(client, 'executions', 'status');
    return { stored: sum(Object.values(byOutcome)), byOutcome, executions };
  } finally {
    await client.end();
  }
}

async function countBy(client: pg.Client, table: string, column: string): Promise<Record<string, number>> {
  const { rows } = await client.query(`select ${column} as key, count(*)::int as count from ${table} group by 1`);
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
