/**
 * Measures what telemetry costs: an observation, a scrape, and each service under load with and without telemetry. It starts
 * its own servers. One JSON line per case on standard output, progress on standard error.
 *
 *     node bench/telemetry.ts [observation|scrape|services …] [--signals-per-second 1000] [--slices 40] [--seconds 20] [--rounds 2]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { serviceNames } from '#catalogue/services.ts';
import { deleteTopics } from '../test/support/delete-topics.ts';
import { startKafka } from '../test/support/start-kafka.ts';
import { createDatabase, startPostgres } from '../test/support/start-postgres.ts';
import { startRedis } from '../test/support/start-redis.ts';
import { describeMachine, type Figures, printCase, tell } from './figures.ts';
import { readProfile } from './telemetry/cpu-profile.ts';
import { measureObservations, measureScrape, type Wide, wideMetrics } from './telemetry/measure-kit.ts';
import { type LoadOptions, type Round, runRound, runSwitched, type Slices } from './telemetry/service-load.ts';
import type { Slice } from './telemetry/switch-telemetry.ts';

/** Average number of signals per bar, over all three series of the replay: 1,951 signals in the first 12,000 bars. */
const SIGNALS_PER_BAR = 0.1626;
const SERIES = 3;
const WARM_UP_SECONDS = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'signals-per-second': { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    slices: { type: 'string', default: '40' },
  },
});
const cases = { observation: benchObservation, scrape: benchScrape, services: benchServices };
const chosen = positionals.length > 0 ? positionals : Object.keys(cases);
for (const name of chosen) {
  const bench = cases[name as keyof typeof cases];
  if (!bench) throw new Error(`case: expected one of ${Object.keys(cases).join(', ')}, got ${name}`);
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

/**
 * Measures CPU by switching telemetry off and on in the same processes. Measures memory and scrape sizes in rounds with
 * and without telemetry; each round starts the services anew. The profiler, which shows which code uses the CPU, runs
 * in a separate last round, because the profiler costs CPU itself.
 */
async function benchServices(): Promise<void> {
  const [postgres, redis, kafka] = await Promise.all([startPostgres(), startRedis(), startKafka()]);
  const profiles = mkdtempSync(join(tmpdir(), 'trading-platform-profiles-'));
  const servers = { postgres: postgres.url, redis: redis.url, kafka: kafka.brokers };
  try {
    tell(`telemetry off and on, ${values.slices} times each`);
    const switched = await onEmptyServers(servers, (load) => runSwitched(load, Number(values.slices)));
    const withTelemetry: Round[] = [];
    const without: Round[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      withTelemetry.push(await oneRound(servers, 'with', {}));
      without.push(await oneRound(servers, 'without', { OTEL_SDK_DISABLED: 'true' }));
    }
    await oneRound(servers, 'with, profiled', {}, profiles);
    for (const name of serviceNames) {
      const share = readProfile(profiles, name);
      print('service', {
        service: name,
        cpu_ms_per_second: compareSlices(switched.get(name) as Slices),
        ...compare(withTelemetry, without, name),
        share_of_cpu_by_profiler: share,
      });
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

/** Empties Kafka and Redis and creates a new database before the work, so that every round replays the same bars. */
async function onEmptyServers<Result>(servers: Servers, work: (load: LoadOptions) => Promise<Result>): Promise<Result> {
  const kafka = new Kafka({ brokers: [servers.kafka], logLevel: logLevel.NOTHING });
  await Promise.all([deleteTopics(kafka), emptyRedis(servers.redis)]);
  const database = await createDatabase(servers.postgres);
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    return await work({
      environment: {
        KAFKA_BROKERS: servers.kafka,
        DATABASE_URL: database,
        REDIS_URL: servers.redis,
        REPLAY_BARS_PER_SECOND: String(Number(values['signals-per-second']) / SIGNALS_PER_BAR / SERIES),
        LOG_LEVEL: 'warn',
      },
      warmUpSignals: WARM_UP_SECONDS * Number(values['signals-per-second']),
      countSignals: async () => Number((await client.query('select count(*) from signals')).rows[0].count),
      prepare: createPipelines,
    });
  } finally {
    await client.end();
  }
}

function oneRound(
  servers: Servers,
  title: string,
  telemetry: Record<string, string>,
  profiles?: string,
): Promise<Round> {
  return onEmptyServers(servers, async (load) => {
    const round = await runRound({
      ...load,
      environment: { ...load.environment, ...telemetry },
      measuredSignals: Number(values.seconds) * Number(values['signals-per-second']),
      ...(profiles && { profiles }),
    });
    tell(`${title}: ${(round.signals / round.seconds).toFixed(0)} signals a second`);
    return round;
  });
}

async function emptyRedis(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

/** Creates ten pipelines that are triggered by rare signals, because on a real platform most signals match no pipeline. */
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

function compare(
  withTelemetry: readonly Round[],
  without: readonly Round[],
  name: (typeof serviceNames)[number],
): object {
  const [on, off] = [averageOf(withTelemetry, name), averageOf(without, name)];
  return {
    signals_per_second: { with: on.signalsPerSecond, without: off.signalsPerSecond },
    rss_mb: { with: on.rssMb, without: off.rssMb, difference: on.rssMb - off.rssMb },
    live_mb: { with: on.liveMb, without: off.liveMb, difference: on.liveMb - off.liveMb },
    scrape_bytes: { with: on.scrapeBytes, packed: on.packed, without: off.scrapeBytes, packed_without: off.packed },
    bytes_per_second_at_10_s: on.packed / 10,
  };
}

/**
 * Compares the slices in pairs, one slice with telemetry and one without. The 95 % confidence interval of the
 * difference is about two standard errors to either side.
 */
function compareSlices(slices: Slices): object {
  const rate = ({ cpuMs, seconds }: Slice) => cpuMs / seconds;
  const on = slices.with.map(rate);
  const off = slices.without.map(rate);
  const differences = on.map((each, index) => each - (off[index] as number));
  const difference = mean(differences);
  const variance = mean(differences.map((each) => (each - difference) ** 2));
  return { with: mean(on), without: mean(off), difference, standard_error: Math.sqrt(variance / (on.length - 1)) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function averageOf(rounds: readonly Round[], name: (typeof serviceNames)[number]) {
  const meanOf = (of: (round: Round) => number) => mean(rounds.map(of));
  return {
    signalsPerSecond: meanOf(({ signals, seconds }) => signals / seconds),
    rssMb: meanOf(({ services }) => services[name].rssMb),
    liveMb: meanOf(({ services }) => services[name].liveMb),
    scrapeBytes: meanOf(({ services }) => services[name].scrapeBytes),
    packed: meanOf(({ services }) => services[name].scrapeBytesPacked),
  };
}
