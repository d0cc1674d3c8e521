/**
 * Writes the history that Prometheus loads, as OpenMetrics text with timestamps: the counters of pipelines and the
 * recorded series.
 */
import { pipelineIdOf, type Recording, WORKER } from './rule-set.ts';

interface HistoryOptions {
  readonly pipelines: number;
  readonly recordings: readonly Recording[];
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
}

const SCRAPE_SECONDS = 15;
/**
 * The label `le`, in seconds, of the bucket at the latency objective's threshold. Neither our rules nor Sloth's rules
 * read other buckets.
 */
const LE = '10';
/** Number of executions of a pipeline between two scrapes, keyed by status. */
const growth = { success: 0.9, failed: 0.1 };

export function* writeHistory({ pipelines, recordings, from, to }: HistoryOptions): Generator<string> {
  const scraped = (name: string, labels: object, valueAt: (step: number) => number) =>
    writeSeries({ name, labels: { ...WORKER, ...labels }, from, to, step: SCRAPE_SECONDS, valueAt });
  yield scraped('up', {}, () => 1);
  yield scraped('process_start_time_seconds', {}, () => from - 86_400);
  for (let index = 0; index < pipelines; index++) {
    for (const [status, each] of Object.entries(growth)) {
      const labels = { status, pipeline_id: pipelineIdOf(index) };
      const counter = (step: number) => Math.floor(step * each);
      yield scraped('pipeline_executions_total', { ...labels, trigger_mode: 'signal' }, counter);
      yield scraped('pipeline_execution_duration_seconds_count', labels, counter);
      yield scraped('pipeline_execution_duration_seconds_bucket', { ...labels, le: LE }, counter);
    }
  }
  for (const { name, labels, step, value, isLast } of recordings)
    yield writeSeries({ name, labels, from: isLast ? to : from, to, step, valueAt: () => value });
  yield '# EOF\n';
}

interface Written {
  readonly name: string;
  readonly labels: object;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly valueAt: (step: number) => number;
}

/** Returns the lines of one series, one sample per step from `from` to `to`; the last sample is at `to`. */
export function writeSeries({ name, labels, from, to, step, valueAt }: Written): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const series = `${name}{${pairs.join(',')}}`;
  const count = Math.floor((to - from) / step);
  return Array.from({ length: count + 1 }, (_, at) => `${series} ${valueAt(at)} ${to - (count - at) * step}\n`).join(
    '',
  );
}
