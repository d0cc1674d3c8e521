/** Measures an observation and a scrape inside one process, in CPU time, because other processes would distort wall time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { MetricName } from '#catalogue/metrics.ts';
import { createInstruments } from '#kit/telemetry/metrics/create-instruments.ts';
import type { ExpositionFormat } from '#kit/telemetry/metrics/negotiate-format.ts';
import { renderFamilies } from '#kit/telemetry/metrics/render-families.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { readScrape } from '../../test/support/scrape.ts';
import type { Figures } from '../figures.ts';

const OBSERVATIONS = 200_000;
const ROUNDS = 7;
const SERIES = 10_000;

/** Returns the CPU nanoseconds per observation: the median of the rounds after a warm-up round. */
export async function measureObservations(): Promise<Figures> {
  const telemetry = startTelemetry('celery-worker', {});
  const { instruments } = telemetry;
  const executions = instruments.counter('pipeline_executions_total');
  const durations = instruments.histogram('pipeline_execution_duration_seconds');
  const observe = {
    counter: (index: number) =>
      executions.add(1, { status: 'success', pipeline_id: `pipeline-${index % 100}`, trigger_mode: 'signal' }),
    histogram: (index: number) =>
      durations.record((index % 40) / 10, { status: 'success', pipeline_id: `pipeline-${index % 100}` }),
  };
  const figures = {
    counter_ns: await nanosecondsEach(observe.counter),
    histogram_ns: await nanosecondsEach(observe.histogram),
    histogram_in_a_trace_ns: await withSpan('bench', {}, () => nanosecondsEach(observe.histogram)),
  };
  await telemetry.shutdown();
  return figures;
}

async function nanosecondsEach(observe: (index: number) => void): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = cpuMs();
    for (let index = 0; index < OBSERVATIONS; index += 1) observe(index);
    rounds.push(((cpuMs() - began) * 1e6) / OBSERVATIONS);
  }
  return median(rounds.slice(1));
}

/** Metrics of the catalogue whose labels can create many series. `each` is the number of series per label set. */
export const wideMetrics = {
  counters: { metric: 'pipeline_executions_total', each: 1 },
  gauges: { metric: 'trading_bot_pnl_usd', each: 1 },
  histograms: { metric: 'pipeline_execution_duration_seconds', each: 19 },
} as const satisfies Record<string, { metric: MetricName; each: number }>;
export type Wide = keyof typeof wideMetrics;

/**
 * Measures a scrape of about 10,000 series of one metric, all of which have changed since the previous scrape. Returns
 * the CPU time of the scrape, the longest block of the event loop, and the size of the scrape in bytes.
 */
export async function measureScrape(wide: Wide, format: ExpositionFormat): Promise<Figures> {
  const { metric, each } = wideMetrics[wide];
  const { instruments, collect } = createInstruments<MetricName>({ labelSets: SERIES, exemplarFilter: 'always_off' });
  const sets = Math.floor(SERIES / each);
  instruments.declarePipelines(Array.from({ length: sets }, (_, index) => `pipeline-${index}`));
  const observeAll = () => {
    for (let index = 0; index < sets; index += 1) {
      const pipeline_id = `pipeline-${index}`;
      if (wide === 'counters')
        instruments
          .counter('pipeline_executions_total')
          .add(1, { status: 'success', pipeline_id, trigger_mode: 'signal' });
      else if (wide === 'gauges')
        instruments.gauge('trading_bot_pnl_usd').set(index, { bot_id: pipeline_id, symbol: 'GOOG' });
      else
        instruments
          .histogram('pipeline_execution_duration_seconds')
          .record(index % 7, { status: 'success', pipeline_id });
    }
  };
  const rounds: { cpu: number; turn: number; body: Buffer }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    observeAll();
    rounds.push(await scrapeOnce(async () => Buffer.from(await renderFamilies([await collect(metric)], format))));
  }
  const warm = rounds.slice(1);
  const body = rounds.at(-1)?.body ?? Buffer.of();
  return {
    series: readScrape(body.toString()).length,
    cpu_ms: median(warm.map(({ cpu }) => cpu)),
    longest_turn_cpu_ms: median(warm.map(({ turn }) => turn)),
    bytes: body.length,
    bytes_packed: gzipSync(body).length,
  };
}

/** `turn` is the CPU time of the longest turn of the event loop, which is the longest delay of any other work in the process. */
async function scrapeOnce(scrape: () => Promise<Buffer>): Promise<{ cpu: number; turn: number; body: Buffer }> {
  let done = false;
  let longest = 0;
  const watching = (async () => {
    for (let last = cpuMs(); ; ) {
      await nextTurn();
      const now = cpuMs();
      longest = Math.max(longest, now - last);
      last = now;
      if (done) return;
    }
  })();
  const began = cpuMs();
  const body = await scrape();
  const cpu = cpuMs() - began;
  done = true;
  await watching;
  return { cpu, turn: longest, body };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
