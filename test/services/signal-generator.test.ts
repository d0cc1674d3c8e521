import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { metricsEmittedBy } from '#catalogue/metrics.ts';
import { topics } from '#catalogue/topics.ts';
import { connectKafka, countMessages, parseOf, readTopic } from '#tools/observe/read-topic.ts';
import { createTape, listSignalTypes } from '#trading/generators/tape.ts';
import { type Bar, barSchema } from '#trading/market/bar.ts';
import { parseDeclaration } from '#trading/signals/emitted.ts';
import { compileSignal, type Signal, signalSchema } from '#trading/signals/signal.ts';
import { readMarket } from '../../services/signal-generator/market/read-market.ts';
import { deleteTopics } from '../support/delete-topics.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import { type ServiceProcess, startService } from './service-process.ts';

let broker: TestKafka;
let kafka: Kafka;
const running: ServiceProcess[] = [];

beforeAll(async () => {
  broker = await startKafka();
  kafka = connectKafka({ kafka: broker.brokers });
});
afterAll(() => broker?.stop());
beforeEach(() => deleteTopics(kafka));
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

async function startGenerator(environment: Record<string, string>): Promise<ServiceProcess> {
  const service = await startService('signal-generator', { KAFKA_BROKERS: broker.brokers, ...environment });
  running.push(service);
  return service;
}

const barsOnTopic = () => countMessages(kafka, topics.marketData.name);

/** Computes the ids of the signals of a symbol's first bars, in order, independently of the service. */
function expectedIds(symbol: string, bars: number): string[] {
  const [series] = readMarket([symbol]);
  if (!series) throw new Error(`no data of ${symbol}`);
  const tape = createTape(series, { start: 0, loop: true });
  return Array.from({ length: bars }, () => tape.take()).flatMap((bar) =>
    tape.generators.flatMap((generator) => {
      const draft = generator.update(bar);
      return draft ? [compileSignal(draft, generator.name, bar, 0).signal_id] : [];
    }),
  );
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('signal-generator', () => {
  it('publishes GOOG with its golden and death crosses on the dates that pandas computes, then closes the market', async () => {
    const generator = await startGenerator({
      REPLAY_SYMBOLS: 'GOOG',
      REPLAY_LOOP: 'false',
      REPLAY_BARS_PER_SECOND: '2000',
    });
    await eventually(async () => expect(await generator.metric('market_open', { symbol: 'GOOG' })).toBe(0));

    const bars = parseOf<Bar>(await readTopic(kafka, topics.marketData.name), 'GOOG');
    expect(bars.map(({ sequence }) => sequence)).toEqual(upTo(2_148));
    for (const bar of bars) barSchema.parse(bar);
    const messages = await readTopic(kafka, topics.signals.name);
    const signals = parseOf<Signal>(messages, 'GOOG');
    for (const signal of signals) signalSchema.parse(signal);
    expect(signals.map(({ signal_id }) => signal_id)).toEqual(expectedIds('GOOG', 2_148));

    const fixture = new URL('../../services/signal-generator/testdata/crosses.json', import.meta.url);
    const { up, down } = JSON.parse(readFileSync(fixture, 'utf8')).GOOG.crosses;
    const dates = (type: string) =>
      signals.filter((one) => one.signal_type === type).map(({ metadata }) => metadata.bar_time);
    expect({ up: dates('golden_cross'), down: dates('death_cross') }).toEqual({ up, down });

    expect(await generator.metric('signals_generated_total')).toBe(signals.length);
    expect(await generator.metric('signals_generated_total', { source: 'golden_cross_generator' })).toBe(up.length);
    expect(await generator.scrape()).toContain('signals_generated_total{signal_type="mock",source="mock_generator"} 0');
    expect(await generator.metric('kafka_publish_success_total')).toBe(signals.length);
    expect(await generator.metric('kafka_publish_duration_seconds_count')).toBe(signals.length);
    expect(await generator.metric('market_data_updates_total', { symbol: 'GOOG' })).toBe(2_148);
    for (const { headers } of messages) expect(headers).toEqual({});
    const declarations = (await readTopic(kafka, topics.marketData.name)).flatMap(({ headers }) => headers.emits ?? []);
    expect(declarations.length).toBeGreaterThan(0);
    for (const text of declarations)
      expect(parseDeclaration(String(text))).toEqual({ series: [['GOOG', '1d']], types: listSignalTypes({}) });
    expect((await generator.readiness()).ready).toBe(true);
    expect(await generator.stop()).toBe(0);
  });

  it('adds mock signals if it is asked to, the same with the same seed, and counts them under their generator', async () => {
    const readMocks = async (seed: string) => {
      await deleteTopics(kafka);
      const generator = await startGenerator({
        REPLAY_SYMBOLS: 'BTCUSD',
        REPLAY_LOOP: 'false',
        REPLAY_BARS_PER_SECOND: '2000',
        MOCK_GENERATOR: 'true',
        MOCK_SEED: seed,
      });
      await eventually(async () => expect(await generator.metric('market_open', { symbol: 'BTCUSD' })).toBe(0));
      const counted = await generator.metric('signals_generated_total', { source: 'mock_generator' });
      await generator.stop();
      const signals = parseOf<Signal>(await readTopic(kafka, topics.signals.name), 'BTCUSD');
      const mocks = signals.filter(({ signal_type }) => signal_type === 'mock');
      expect(mocks.length).toBe(counted);
      return mocks.map(({ metadata, tickers }) => `${metadata.bar_time} ${tickers[0]?.signal}`);
    };
    const first = await readMocks('7');
    expect(first.length).toBeGreaterThan(1);
    expect(await readMocks('7')).toEqual(first);
    expect(await readMocks('8')).not.toEqual(first);
  });

  it('resumes after a stop: no bar and no signal is missing or published twice', async () => {
    const environment = { REPLAY_BARS_PER_SECOND: '400' };
    for (const until of [500, 2_000, 4_000]) {
      const generator = await startGenerator(environment);
      await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(until), 30_000);
      expect(await generator.stop()).toBe(0);
    }
    const [bars, signals] = [
      await readTopic(kafka, topics.marketData.name),
      await readTopic(kafka, topics.signals.name),
    ];
    for (const symbol of ['BTCUSD', 'EURUSD', 'GOOG']) {
      const sequences = parseOf<Bar>(bars, symbol).map(({ sequence }) => sequence);
      expect(sequences).toEqual(upTo(sequences.length));
      const ids = parseOf<Signal>(signals, symbol).map(({ signal_id }) => signal_id);
      expect(ids).toEqual(expectedIds(symbol, sequences.length));
    }
  });

  it('resumes after a crash: nothing is missing, and a signal that is published twice has the same id', async () => {
    const environment = { REPLAY_SYMBOLS: 'EURUSD', REPLAY_BARS_PER_SECOND: '1000' };
    for (const until of [300, 900, 1_500]) {
      const generator = await startGenerator(environment);
      await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(until));
      await generator.kill();
    }
    const last = await startGenerator(environment);
    await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(2_000));
    await last.stop();
    const sequences = parseOf<Bar>(await readTopic(kafka, topics.marketData.name), 'EURUSD').map(
      ({ sequence }) => sequence,
    );
    expect(sequences).toEqual(upTo(sequences.length));
    const ids = parseOf<Signal>(await readTopic(kafka, topics.signals.name), 'EURUSD').map(
      ({ signal_id }) => signal_id,
    );
    expect([...new Set(ids)]).toEqual(expectedIds('EURUSD', sequences.length));
  });

  it('resumes a symbol whose last bar is not among the newest messages on the topic', async () => {
    const both = await startGenerator({ REPLAY_SYMBOLS: 'EURUSD,BTCUSD,GOOG', REPLAY_BARS_PER_SECOND: '100' });
    await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(150));
    await both.stop();
    const reached = parseOf<Bar>(await readTopic(kafka, topics.marketData.name), 'GOOG').length;
    for (const symbol of ['EURUSD', 'BTCUSD']) {
      const one = await startGenerator({ REPLAY_SYMBOLS: symbol, REPLAY_BARS_PER_SECOND: '2000' });
      const before = await barsOnTopic();
      await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(before + 1_000));
      await one.stop();
    }
    const again = await startGenerator({ REPLAY_SYMBOLS: 'GOOG', REPLAY_BARS_PER_SECOND: '100' });
    await eventually(() => expect(again.log.find(({ message }) => message === 'replay begins')).toBeDefined());
    expect(again.log.find(({ message }) => message === 'replay begins')).toMatchObject({ from: { GOOG: reached } });
  });

  it('while Kafka is down at the start: exposes every metric, is not ready, and stops within 8 s', async () => {
    const generator = await startGenerator({ KAFKA_BROKERS: '127.0.0.1:9' });
    const text = await generator.scrape();
    for (const name of metricsEmittedBy('signal-generator')) expect(text).toContain(`# TYPE ${name} `);
    expect(await generator.metric('market_open', { symbol: 'BTCUSD' })).toBe(1);
    expect(await generator.readiness()).toMatchObject({ ready: false, answer: expect.stringContaining('kafka: ') });
    const began = performance.now();
    expect(await generator.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it('refuses a symbol without data and names the symbols that have data', async () => {
    await expect(startGenerator({ REPLAY_SYMBOLS: 'GOOG,NOPE' })).rejects.toThrow(
      'REPLAY_SYMBOLS: expected one of BTCUSD, EURUSD, GOOG; there is no data of NOPE',
    );
  });

  it('keeps the order and loses nothing while Kafka is down; bars are late instead', async () => {
    const generator = await startGenerator({ REPLAY_SYMBOLS: 'EURUSD', REPLAY_BARS_PER_SECOND: '100' });
    await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(200));
    await broker.halt({ kill: true });
    await eventually(async () =>
      expect(await generator.readiness()).toMatchObject({
        ready: false,
        answer: expect.stringContaining('cannot publish'),
      }),
    );
    // The bars that become due in these 5 s are published up to 5 s late. Below, the test expects bars that are more
    // than 2.5 s late.
    await sleep(5_000);
    await broker.start();
    // Once more than 1,000 further bars are published, the replay has caught up.
    await eventually(async () => expect(await barsOnTopic()).toBeGreaterThan(1_200), 40_000);
    expect(await generator.metric('kafka_publish_failure_total')).toBeGreaterThan(0);
    expect(await generator.metric('market_data_lag_seconds_bucket', { le: '2.5' })).toBeLessThan(
      await generator.metric('market_data_lag_seconds_count'),
    );
    expect(await generator.stop()).toBe(0);
    const distinct = [
      ...new Set(
        parseOf<Bar>(await readTopic(kafka, topics.marketData.name), 'EURUSD').map(({ sequence }) => sequence),
      ),
    ];
    expect(distinct).toEqual(upTo(distinct.length));
    const ids = parseOf<Signal>(await readTopic(kafka, topics.signals.name), 'EURUSD').map(
      ({ signal_id }) => signal_id,
    );
    expect([...new Set(ids)]).toEqual(expectedIds('EURUSD', distinct.length));
  });
});
