import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { createTopics, type Kafka } from '#kit/kafka/kafka.ts';
import { connectKafka, readTopic } from '#tools/observe/read-topic.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { openStore, type Store } from './backend-platform.ts';
import { startBackend } from './backend-process.ts';
import { send } from './kafka-topics.ts';
import { startService } from './service-process.ts';

let broker: TestKafka;
let kafka: Kafka;
let store: Store;
let env: Record<string, string>;

beforeAll(async () => {
  broker = await startKafka();
  kafka = connectKafka({ kafka: broker.brokers });
  await createTopics(kafka);
  const databaseUrl = await createDatabase(inject('postgresUrl'));
  env = { KAFKA_BROKERS: broker.brokers, DATABASE_URL: databaseUrl, REDIS_URL: `${inject('redisUrl')}/7` };
  store = openStore(databaseUrl);
});
afterAll(async () => {
  await store?.close();
  await broker?.stop();
});

const signal = (signal_id: string) => ({
  ...{ signal_id, signal_type: 'rsi', source: 'replay', timestamp: 1_700_000_000, metadata: { timeframe: '1h' } },
  tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 80, reasoning: 'A test says so.' }],
});
const bar = (day: number, change: object = {}) => ({
  ...{ symbol: 'GOOG', timeframe: '1d', source: 'replay', open_time: `2020-01-${day}T00:00:00Z`, sequence: day },
  ...{ open: 2, high: 2, low: 2, close: 2, volume: 1, emitted_at: 1_600_000_000, ...change },
});

describe('trigger-dispatcher', () => {
  it('goes on behind dead letters that are too large for their topic, and says what is cut', async () => {
    const { name } = topics.signals;
    const dispatcher = await startService('trigger-dispatcher', { ...env, BATCH_MAX_SIGNALS: '1000' });
    await send(kafka, name, [{ key: 'a', value: 'x'.repeat(1_048_500) }]);
    await send(kafka, name, [{ key: 'a', value: 'y'.repeat(5_000_000) }], true);
    await send(kafka, name, [{ key: 'a', value: 'z', headers: { large: 'h'.repeat(1_048_480) } }]);
    const many = Array.from({ length: 200 }, (_, n) => ({ key: 'a', value: `${n} `.padEnd(20_000, 'm') }));
    await send(kafka, name, many, true);
    await send(kafka, name, [{ key: 'a', value: JSON.stringify(signal('behind')) }]);
    const stored = () => store.db.selectFrom('signals').select('signal_id').execute();
    await eventually(async () => expect(await stored()).toEqual([{ signal_id: 'behind' }]), 30_000);

    // The metric is counted after the letters are published.
    await eventually(async () => expect(await dispatcher.metric('signals_rejected_total')).toBe(203));
    const letters = await readTopic(kafka, topics.deadLetters.name);
    expect(letters).toHaveLength(203);
    const [near, junk, header, ...rest] = letters;
    expect(near?.value.equals(Buffer.alloc(900_000, 'x'))).toBe(true);
    expect(near?.headers).toMatchObject({ reason: 'not_json', truncated: 'value', original_value_bytes: '1048500' });
    expect(junk?.value.equals(Buffer.alloc(900_000, 'y'))).toBe(true);
    expect(junk?.headers).toMatchObject({
      reason: 'not_a_signal',
      detail: 'expected at most 1048576 bytes, got 5000000',
      original_value_bytes: '5000000',
    });
    expect(header).toMatchObject({ key: expect.stringMatching(/^trading-signals\/\d\/2$/), value: Buffer.from('z') });
    expect(header?.headers).toEqual(expect.not.objectContaining({ large: expect.anything() }));
    expect(header?.headers).toMatchObject({
      reason: 'not_json',
      truncated: 'value, key, headers',
      original_offset: '2',
    });
    expect(rest.map(({ value }) => value.toString())).toEqual(many.map(({ value }) => value));
    expect(rest.every(({ headers }) => headers.truncated === undefined)).toBe(true);
    expect(await dispatcher.stop()).toBe(0);
  });
});

describe('the backend', () => {
  it('stores the bars beside those that Postgres refuses, and gives the reason of each refused one', async () => {
    const backend = await startBackend(env);
    const poison = [
      { source: 'a\0b' },
      { source: 'a\ud800' },
      ...['open', 'low', 'close'].map((price) => ({ [price]: 5e-324 })),
      ...['2021-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '2020-13-01T00:00:00Z', '1'].map(
        (open_time) => ({ open_time }),
      ),
    ];
    const values = poison.flatMap((change, n) => [bar(10 + n), bar(10 + n, change)]);
    await send(
      kafka,
      topics.marketData.name,
      [...values, bar(30)].map((value) => ({ key: 'GOOG', value: JSON.stringify(value) })),
    );
    const days = () =>
      sql<{ day: string }>`select to_char(open_time at time zone 'utc', 'DD') as day from bars order by 1`.execute(
        store.db,
      );
    const expected = [...poison.keys()].map((n) => String(10 + n));
    await eventually(async () => expect((await days()).rows.map(({ day }) => day)).toEqual([...expected, '30']));
    const rejected = 'market_data_rejected_total{reason="not_a_bar"}';
    await eventually(async () => expect(await backend.readSeries(rejected)).toBe(poison.length));
    const letters = await readTopic(kafka, topics.marketDataDeadLetters.name);
    const sorted = letters.sort((a, b) => Number(a.headers.original_offset) - Number(b.headers.original_offset));
    expect(sorted.map(({ headers }) => headers.detail)).toEqual([
      ...['"source": expected text', '"source": expected text'].map((detail) => expect.stringContaining(detail)),
      ...['open: Too small', 'low: Too small', 'close: Too small'].map((detail) => expect.stringContaining(detail)),
      expect.stringContaining('open_time: expected a date that exists'),
      expect.stringContaining('cannot be stored: date/time field value out of range'),
      ...Array.from({ length: 3 }, () => expect.stringContaining('open_time: expected a date that exists')),
    ]);
    expect(letters[0]?.key).toBe('GOOG');
    expect(await backend.stop()).toBe(0);
  });
});
