/**
 * What telemetry costs: an observation, a scrape, and each service at work against the same service without it. One JSON line
 * a case on standard output, progress on standard error. Everything runs on servers of its own.
 *
 *     node bench/telemetry.ts [observation|scrape|services …] [--signals-per-second 1000] [--seconds 20] [--rounds 2]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { serviceNames } from '#catalogue/services.ts';
import { topics } from '#catalogue/topics.ts';
import { startKafka } from '../test/support/start-kafka.ts';
import { createDatabase, startPostgres } from '../test/support/start-postgres.ts';
import { startRedis } from '../test/support/start-redis.ts';
import { describeMachine, type Figures, printCase, tell } from './figures.ts';
import { measureObservations, measureScrape, type Wide, wideMetrics } from './telemetry-kit.ts';
import { type Round, readProfile, runRound } from './telemetry-load.ts';

/** Signals a bar over all three series of the replay: 1,951 of the first 12,000. */
const SIGNALS_PER_BAR = 0.1626;
const SERIES = 3;
const WARM_UP_SECONDS = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'signals-per-second': { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
  },
});
const cases = { observation: benchObservation, scrape: benchScrape, services: benchServices };
const chosen = positionals.length > 0 ? positionals : Object.keys(cases);
for (const name of chosen) {
  const bench = cases[name as keyof typeof cases];
  if (!bench) throw new Error(`there is no case ${name}; there are ${Object.keys(cases).join(', ')}`);
  await bench();
}

function print(name: string, figures: Figures): void {
  const rounded = JSON.parse(JSON.stringify(figures, roundNumbers)) as Figures;
  printCase('telemetry', name, rounded, { machine: describeMachine() });
}

function roundNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

async function benchObservation(): Promise<void> {
  print('observation', await measureObservations());
}

async function benchScrape(): Promise<void> {
  for (const wide of Object.keys(wideMetrics) as Wide[]) {
    for (const format of ['text', 'openmetrics'] as const) {
      print('scrape', { of: wide, format, ...(await measureScrape(wide, format)) });
    }
  }
}

/** With, without, without, with …, then once with the profiler, which says where the CPU went and costs some itself. */
async function benchServices(): Promise<void> {
  const [postgres, redis, kafka] = await Promise.all([startPostgres(), startRedis(), startKafka()]);
  const profiles = mkdtempSync(join(tmpdir(), 'trading-platform-profiles-'));
  const servers = { postgres: postgres.url, redis: redis.url, kafka: kafka.brokers };
  try {
    const withTelemetry: Round[] = [];
    const without: Round[] = [];
    const measureWith = async () => withTelemetry.push(await oneRound(servers, 'with', {}));
    const measureWithout = async () => without.push(await oneRound(servers, 'without', { OTEL_SDK_DISABLED: 'true' }));
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const measure of round % 2 === 0 ? [measureWith, measureWithout] : [measureWithout, measureWith])
        await measure();
    }
    await oneRound(servers, 'profiled', {}, profiles);
    for (const name of serviceNames) {
      const share = readProfile(profiles, name);
      print('service', { service: name, ...compare(withTelemetry, without, name), share_of_cpu_by_profiler: share });
    }
  } finally {
    await Promise.all([postgres.stop(), redis.stop(), kafka.stop()]);
    rmSync(profiles, { recursive: true, force: true });
  }
}

interface Servers {
  readonly postgres: string;
  readonly redis: string;
  readonly kafka: string;
}

/** On empty servers: every round replays the same bars, and measures the same of them. */
async function oneRound(servers: Servers, title: string, telemetry: Record<string, string>, profiles?: string) {
  await Promise.all([emptyKafka(servers.kafka), emptyRedis(servers.redis)]);
  const database = await createDatabase(servers.postgres);
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const rate = Number(values['signals-per-second']) / SIGNALS_PER_BAR / SERIES;
  try {
    const round = await runRound({
      environment: {
        KAFKA_BROKERS: servers.kafka,
        DATABASE_URL: database,
        REDIS_URL: servers.redis,
        REPLAY_BARS_PER_SECOND: String(rate),
        LOG_LEVEL: 'warn',
        ...telemetry,
      },
      warmUpSignals: WARM_UP_SECONDS * Number(values['signals-per-second']),
      measuredSignals: Number(values.seconds) * Number(values['signals-per-second']),
      ...(profiles && { profiles }),
      countSignals: async () => Number((await client.query('select count(*) from signals')).rows[0].count),
      prepare: createPipelines,
    });
    const cpu = serviceNames.map((name) => `${name} ${cpuMs(round, name).toFixed(0)}`).join(', ');
    const signals = (round.signals / round.seconds).toFixed(0);
    tell(`${title}: ${signals} signals a second; ms of CPU for 1,000 signals: ${cpu}`);
    return round;
  } finally {
    await client.end();
  }
}

async function emptyKafka(brokers: string): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.deleteGroups(groups.map(({ groupId }) => groupId));
  const isOurs = (topic: string) => Object.values(topics).some(({ name }) => name === topic);
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter(isOurs) });
  while ((await admin.listTopics()).some(isOurs)) await sleep(100);
  await admin.disconnect();
}

async function emptyRedis(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

/** Ten pipelines on rare signals: most signals match none, as on a real platform. */
async function createPipelines(api: string): Promise<void> {
  for (let index = 0; index < 10; index += 1) {
    const trigger = { mode: 'signal', signals: [{ type: 'golden_cross' }] };
    const pipeline = {
      pipeline_id: `bench-${index}`,
      name: `Bench ${index}`,
      trigger,
      tickers: ['GOOG'],
      mode: 'paper',
    };
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api}/api/v1/pipelines`, {
      method: 'POST',
      headers,
      body: JSON.stringify(pipeline),
    });
    if (!response.ok) throw new Error(`the backend refused a pipeline: ${await response.text()}`);
  }
}

/** CPU as milliseconds a second, and a thousand signals: rounds differ in both. */
function compare(
  withTelemetry: readonly Round[],
  without: readonly Round[],
  name: (typeof serviceNames)[number],
): object {
  const [on, off] = [averageOf(withTelemetry, name), averageOf(without, name)];
  return {
    signals_per_second: { with: on.signalsPerSecond, without: off.signalsPerSecond },
    cpu_ms_per_1000_signals: {
      with: on.cpuMs,
      without: off.cpuMs,
      difference: on.cpuMs - off.cpuMs,
      standard_error: standardError(
        withTelemetry.map((round, index) => cpuMs(round, name) - cpuMs(without[index], name)),
      ),
    },
    rss_mb: { with: on.rssMb, without: off.rssMb, difference: on.rssMb - off.rssMb },
    live_mb: { with: on.liveMb, without: off.liveMb, difference: on.liveMb - off.liveMb },
    scrape_bytes: { with: on.scrapeBytes, packed: on.packed, without: off.scrapeBytes, packed_without: off.packed },
    bytes_per_second_at_10_s: on.packed / 10,
  };
}

function cpuMs(round: Round | undefined, name: (typeof serviceNames)[number]): number {
  return round ? (round.services[name].cpuSeconds * 1e6) / round.signals : Number.NaN;
}

/** Of the mean of a few differences, by how much they differ: two of these either way hold the true one in 19 of 20 runs, or so. */
function standardError(differences: readonly number[]): number {
  const count = differences.length;
  const mean = differences.reduce((sum, each) => sum + each, 0) / count;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  return Math.sqrt(variance / count);
}

function averageOf(rounds: readonly Round[], name: (typeof serviceNames)[number]) {
  const mean = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length;
  return {
    signalsPerSecond: mean(({ signals, seconds }) => signals / seconds),
    cpuMs: mean((round) => cpuMs(round, name)),
    rssMb: mean(({ services }) => services[name].rssMb),
    liveMb: mean(({ services }) => services[name].liveMb),
    scrapeBytes: mean(({ services }) => services[name].scrapeBytes),
    packed: mean(({ services }) => services[name].scrapeBytesPacked),
  };
}
