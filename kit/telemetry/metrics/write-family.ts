import type { Exemplar } from './exemplar.ts';
import type { ExpositionFormat } from './negotiate-format.ts';

/** A metric with all its series, as a scrape shows it. It comes from the catalogue or from prom-client. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: Iterable<Sample | HistogramSample>;
}

export interface Sample {
  /** Name of the series. Default: the name of the family. */
  readonly name?: string;
  readonly labels: object;
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: object;
  readonly sum: number;
  readonly count: number;
  /** Upper bounds of the buckets, without +Inf. */
  readonly bounds: readonly number[];
  /** Number of observations in each bucket alone, not cumulative. The last number is that of the bucket +Inf. */
  readonly counts: readonly number[];
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
}

/** Yields the text of a family sample by sample, so that the caller can pause within a long family. */
export function* writeFamily(family: Family, format: ExpositionFormat): Generator<string> {
  const { name, help, type, samples } = family;
  const described = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  yield `# HELP ${described} ${escapeHelp(help, format)}\n# TYPE ${described} ${type}\n`;
  for (const sample of samples) {
    yield 'counts' in sample ? writeHistogram(name, sample, format) : writeSample(name, sample);
  }
}

function writeSample(family: string, { name = family, labels, value }: Sample): string {
  const pairs = pairsOf(labels);
  return pairs ? `${name}{${pairs}} ${writeNumber(value)}\n` : `${name} ${writeNumber(value)}\n`;
}

/**
 * Returns the text of a histogram. Both formats get `le="10"`, although OpenMetrics demands `le="10.0"`, because
 * Prometheus 2 would take `le="10.0"` for another series.
 */
function writeHistogram(name: string, sample: HistogramSample, format: ExpositionFormat): string {
  const { labels, sum, count, bounds, counts, exemplars } = sample;
  const pairs = pairsOf(labels);
  const braced = pairs && `{${pairs}}`;
  const bucket = `${name}_bucket{${pairs && `${pairs},`}le="`;
  let text = `${name}_count${braced} ${count}\n${name}_sum${braced} ${writeNumber(sum)}\n`;
  let cumulative = 0;
  for (let index = 0; index <= bounds.length; index += 1) {
    cumulative += counts[index] ?? 0;
    text += `${bucket}${bounds[index] ?? '+Inf'}"} ${cumulative}`;
    const exemplar = format === 'openmetrics' && exemplars?.[index];
    text += exemplar ? ` ${writeExemplar(exemplar)}\n` : '\n';
  }
  return text;
}

function writeExemplar({ traceId, spanId, value, time }: Exemplar): string {
  return `# {trace_id="${traceId}",span_id="${spanId}"} ${writeNumber(value)} ${time.toFixed(3)}`;
}

function writeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : `${value}`;
}

const written = new WeakMap<object, string>();

/** Returns the text of a label set. The text is cached, because a label set lives as long as its series. */
function pairsOf(labels: object): string {
  const known = written.get(labels);
  if (known !== undefined) return known;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeValue(String(value))}"`);
  const text = pairs.join(',');
  written.set(labels, text);
  return text;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function escapeHelp(help: string, format: ExpositionFormat): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
