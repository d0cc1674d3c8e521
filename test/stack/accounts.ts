import type { Kafka } from 'kafkajs';
import type { Client } from 'pg';
import { topics } from '#catalogue/topics.ts';
import { withPostgres } from '#tools/observe/connect-postgres.ts';
import { readTopic } from '#tools/observe/read-topic.ts';
import type { Signal } from '#trading/signals/signal.ts';

/** The number of signals at each place that a signal passes, and the number of executions. */
export interface Accounts {
  /** Number of messages in the topic of signals. */
  readonly published: number;
  /** Number of messages in the topic of signals before the dispatcher's committed offsets. */
  readonly consumed: number;
  /** Number of rows in the table `signals`. */
  readonly stored: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  /** Number of executions, keyed by status. */
  readonly executions: Readonly<Record<string, number>>;
}

const GROUP = 'trigger-dispatcher';

/**
 * Counts the signals in Kafka first, and then in Postgres. In this order, every signal that is counted as consumed is also counted as
 * stored, because the dispatcher stores a signal before it commits its offset.
 */
export async function readAccounts(kafka: Kafka, postgres: string): Promise<Accounts> {
  const inKafka = await countInKafka(kafka);
  return { ...inKafka, ...(await countInPostgres(postgres)) };
}

interface SignalIds {
  /** Sorted ids of the signals in the topic of signals, each once. */
  readonly published: readonly string[];
  /** Sorted ids of the signals that were published again, with one entry for each repetition. */
  readonly repeated: readonly string[];
  /** Sorted ids of the signals in Postgres. */
  readonly stored: readonly string[];
}

/** Reads the ids of all signals from Kafka, then from Postgres. */
export async function readSignalIds(kafka: Kafka, postgres: string): Promise<SignalIds> {
  const messages = await readTopic(kafka, topics.signals.name);
  const ids = messages.map(({ value }) => (JSON.parse(value.toString()) as Signal).signal_id).sort();
  const stored = await withPostgres(postgres, (client) =>
    client.query<{ signal_id: string }>('select signal_id from signals'),
  );
  return {
    published: [...new Set(ids)],
    repeated: ids.filter((id, index) => id === ids[index - 1]),
    stored: stored.rows.map(({ signal_id }) => signal_id).sort(),
  };
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
    // an offset of -1 means that no offset of that partition was ever committed
    const offsets = committed[0]?.partitions.map(({ offset }) => Math.max(0, Number(offset))) ?? [];
    return { published: sum(ends.map(({ high }) => Number(high))), consumed: sum(offsets) };
  } finally {
    await admin.disconnect();
  }
}

function countInPostgres(postgres: string): Promise<Omit<Accounts, 'published' | 'consumed'>> {
  return withPostgres(postgres, async (client) => {
    const byOutcome = await countBy(client, 'signals', 'outcome');
    const executions = await countBy(client, 'executions', 'status');
    return { stored: sum(Object.values(byOutcome)), byOutcome, executions };
  });
}

/** Counts executions that one signal caused twice for a pipeline, and executions that placed more than one order. */
const doubled = `
  select
    (select count(*) from (
      select from executions where signal_id is not null group by signal_id, pipeline_id, ticker having count(*) > 1) twice)
    + (select count(*) from (select from orders group by execution_id having count(*) > 1) twice) as doubled`;

/** Counts executions and orders that were made twice. The platform must make each once, so 0 is expected. */
export function countDoubled(postgres: string): Promise<number> {
  return withPostgres(postgres, async (client) => {
    const { rows } = await client.query<{ doubled: string }>(doubled);
    return Number(rows[0]?.doubled);
  });
}

async function countBy(client: Client, table: string, column: string): Promise<Record<string, number>> {
  const { rows } = await client.query(`select ${column} as key, count(*)::int as count from ${table} group by 1`);
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
