/**
 * Measures what the expensive dashboard queries cost Prometheus. Each query runs in two
 * forms. The dashboard's form reads counts that recording rules write each minute. The other form reads the raw counters.
 * Also measures the cost of the recording rules.
 * Uses one real Prometheus and prints one JSON line per case. See docs/benchmarks.md.
 *
 *     node bench/dashboards.ts [--pipelines=40] [--workers=3] [--hours=6]
 */
import { parseArgs } from 'node:util';
import { metricDefinition } from '#catalogue/metrics.ts';
import { minuteCountList, minuteCountOf } from '#catalogue/minute-counts.ts';
import { buildDashboardCounts } from '#controller/compile/objects/shared-rules.ts';
import { executionDurationP95, executionSuccessRatio, slowestPipelines } from '#dashboards/queries/executions.ts';
import type { Expression } from '#dashboards/queries/expression.ts';
import { openVariables } from '#dashboards/variables.ts';
import { startPrometheusOfHistory } from '../test/support/start-prometheus-of-history.ts';
import { askWithStats, type When } from './ask-with-stats.ts';
import { describeMachine, printCase, readCount, round, tell } from './figures.ts';
import { writeSeries } from './objectives/history.ts';
import { pipelineIdOf } from './objectives/rule-set.ts';

const END = Date.parse('2026-01-05T12:00:00Z') / 1_000;
const HOUR = 3_600;
/** The scrape interval of the workers, and the smallest step of a graph. */
const SCRAPE_SECONDS = 15;
const WORKER = { job: 'celery-worker', namespace: 'desk' };

interface Size {
  readonly pipelines: number;
  readonly workers: number;
  readonly hours: number;
}

interface Costly {
  readonly ask: Expression;
  /**
   * Returns how many of the last hours the graph shows, given the hours of the whole history. If absent, the case is an
   * instant query.
   */
  readonly graphHours?: (all: number) => number;
}

const costly: Readonly<Record<string, Costly>> = {
  'P95 of executions, a graph of the last hour': { ask: executionDurationP95, graphHours: () => 1 },
  'P95 of executions, a graph of all hours': { ask: executionDurationP95, graphHours: (all) => all },
  'slowest pipelines of all hours': { ask: slowestPipelines },
  'success rate of all hours': { ask: executionSuccessRatio },
};

async function run(size: Size): Promise<void> {
  const { pipelines, workers, hours } = size;
  const conditions = { scrape: '15s', hours };
  tell(`making ${hours} hours of ${pipelines} pipelines on ${workers} workers`);
  const prometheus = await startPrometheusOfHistory(writeHistory(size));
  try {
    for (const [name, { ask, graphHours }] of Object.entries(costly)) {
      tell(name);
      const query = openVariables(ask.promql.replaceAll('$time_range', `${hours}h`));
      const when = graphHours ? graphOf(graphHours(hours)) : { time: END };
      const machine = describeMachine();
      const counters = await askWithStats(prometheus.url, askCounters(query), when);
      const recorded = await askWithStats(prometheus.url, query, when);
      const share_of_samples = round(recorded.samples / counters.samples, 4);
      printCase('dashboards', name, { pipelines, workers, counters, recorded, share_of_samples, machine }, conditions);
    }
    const cost = await measureRecording(prometheus.url);
    printCase(
      'dashboards',
      'recording, each minute',
      { pipelines, workers, ...cost, machine: describeMachine() },
      conditions,
    );
  } finally {
    await prometheus.stop();
  }
}

function graphOf(hours: number): When {
  const seconds = hours * HOUR;
  return { start: END - seconds, end: END, step: Math.max(SCRAPE_SECONDS, seconds / 1_000) };
}

/** Rewrites a query over recorded counts into the simplest query over the raw counters. */
function askCounters(query: string): string {
  let asked = query;
  for (const { record, counted } of minuteCountList)
    asked = asked
      .replaceAll(`sum_over_time(${record}{`, `increase(${counted}{`)
      .replaceAll(`avg_over_time(${record}{`, `rate(${counted}{`);
  return asked;
}

/**
 * Measures the cost of the recording rules that read the counters of the history. This cost grows with the number of
 * pipelines.
 */
async function measureRecording(url: string) {
  const rules = buildDashboardCounts().rules.filter(({ expr }) => historyOf.some((name) => expr.includes(`${name}{`)));
  const cost = { rules: rules.length, series_recorded: 0, samples_per_minute: 0, seconds_per_minute: 0 };
  for (const { expr } of rules) {
    // Leaves out the `unless` clause, so the cost of this clause is not measured. The clause only prevents two rules
    // from recording the same series.
    const { series, samples, seconds } = await askWithStats(url, expr.replace(/\nunless .*$/, ''), { time: END });
    cost.series_recorded += series;
    cost.samples_per_minute += samples;
    cost.seconds_per_minute = round(cost.seconds_per_minute + seconds);
  }
  return cost;
}

const BUCKET = 'pipeline_execution_duration_seconds_bucket';
const EXECUTIONS = 'pipeline_executions_total';
const historyOf = [BUCKET, EXECUTIONS];

/** Number of executions between two scrapes, per pipeline and worker, keyed by status. */
const growth = { success: 3, failed: 1 };

function* writeHistory({ pipelines, workers, hours }: Size): Generator<string> {
  const from = END - hours * HOUR;
  const instances = Array.from({ length: workers }, (_, index) => `worker-${index}:8002`);
  const scraped = { from, to: END, step: SCRAPE_SECONDS };
  for (const instance of instances) {
    yield writeSeries({ ...scraped, name: 'up', labels: { ...WORKER, instance }, valueAt: () => 1 });
    const labels = { ...WORKER, instance };
    yield writeSeries({ ...scraped, name: 'process_start_time_seconds', labels, valueAt: () => from - 86_400 });
  }
  const bounds = [...(metricDefinition('pipeline_execution_duration_seconds').buckets ?? []).map(String), '+Inf'];
  for (let index = 0; index < pipelines; index++) {
    const pipeline_id = pipelineIdOf(index);
    for (const [status, each] of Object.entries(growth)) {
      for (const instance of instances) {
        const labels = { ...WORKER, instance, status, pipeline_id };
        const counter = (at: number) => (step: number) => step * at;
        yield writeSeries({
          ...scraped,
          name: EXECUTIONS,
          labels: { ...labels, trigger_mode: 'signal' },
          valueAt: counter(each),
        });
        for (const [place, le] of bounds.entries())
          yield writeSeries({
            ...scraped,
            name: BUCKET,
            labels: { ...labels, le },
            valueAt: counter((each * (place + 1)) / bounds.length),
          });
      }
      const counts = { from, to: END, step: 60 };
      const perMinute = each * workers * 4;
      const labels = { ...WORKER, status, pipeline_id };
      yield writeSeries({ ...counts, name: minuteCountOf(EXECUTIONS).record, labels, valueAt: () => perMinute });
    }
    const perMinute = (growth.success + growth.failed) * workers * 4;
    for (const [place, le] of bounds.entries()) {
      const labels = { ...WORKER, pipeline_id, le };
      const valueAt = () => (perMinute * (place + 1)) / bounds.length;
      yield writeSeries({ from, to: END, step: 60, name: minuteCountOf(BUCKET).record, labels, valueAt });
    }
  }
  yield '# EOF\n';
}

const { values } = parseArgs({
  options: {
    pipelines: { type: 'string', default: '40' },
    workers: { type: 'string', default: '3' },
    hours: { type: 'string', default: '6' },
  },
});
await run({
  pipelines: readCount('pipelines', values.pipelines),
  workers: readCount('workers', values.workers),
  hours: readCount('hours', values.hours),
});
