import {
  DEFAULT_LABEL_SETS,
  type LabelDefinition,
  type MetricName,
  metricDefinition,
  metricsEmittedBy,
} from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import {
  CONTROLLER,
  CONTROLLER_LOCAL_METRICS_PORT,
  CONTROLLER_SCRAPE_INTERVAL,
  type ProcessName,
  processNames,
  services,
} from '#catalogue/services.ts';

/** Builds docs/metrics.md from the catalogue. Pure. */
export function buildMetricsPage(): string {
  return `${[intro, ...processNames.map(buildProcess), buildMinuteCounts()].join('\n\n')}\n`;
}

const intro = `<!-- biome-ignore-all format: generated from catalogue/metrics/: change that, then run make generate -->

# Metrics

Every metric of the platform, by the process that emits it, exactly as a scrape of \`/metrics\` shows it. A histogram
has the series \`_bucket\`, \`_sum\` and \`_count\`. A label with listed values has no other values, and its series exist
from the first scrape, with the value 0. A label marked *open* may have any value. A process keeps at most ${DEFAULT_LABEL_SETS} label sets
of such a metric, unless the metric names another number (\`METRICS_LABEL_SETS\` changes the default). Observations with further label
sets are counted under \`other\`, and in \`telemetry_label_overflow_total\`. A pipeline that a TradingPipeline declares always
keeps its own series. Each process also exposes prom-client's default metrics, \`process_*\` and \`nodejs_*\`.

Prometheus adds \`job\` (the service's name), \`namespace\`, \`pod\` and \`instance\` to each series.`;

function buildProcess(name: ProcessName): string {
  const rows = metricsEmittedBy(name).map(buildRow);
  return [`## ${name}`, aboutProcess(name), table(['Metric', 'Type', 'Unit', 'Labels', 'What it says'], rows)].join(
    '\n\n',
  );
}

function buildMinuteCounts(): string {
  const rows = minuteCountList.map(({ record, counted, labels }) => [
    `\`${record}\``,
    `\`${counted}\``,
    labels.map((label) => `\`${label}\``).join(', '),
  ]);
  const about =
    'How much a counter grew in the last minute, over all replicas of a job. The dashboards sum these series, and your own rules may use them. The PrometheusRule `dashboard-counts`, which comes with the operator, records them. `sum_over_time(…[1h])` is the exact number of events in an hour.';
  return ['## Recorded each minute', about, table(['Series', 'Of', 'Labels'], rows)].join('\n\n');
}

const operator = {
  description: 'The operator. It is not a service of the platform, but it is watched like one',
  localMetricsPort: CONTROLLER_LOCAL_METRICS_PORT,
  scrapeInterval: CONTROLLER_SCRAPE_INTERVAL,
};

function aboutProcess(name: ProcessName): string {
  const { description, localMetricsPort, scrapeInterval } = name === CONTROLLER ? operator : services[name];
  return `${description}. On a laptop: http://127.0.0.1:${localMetricsPort}/metrics. Scraped every ${scrapeInterval}.`;
}

function buildRow(name: MetricName): string[] {
  const { type, help, labels = {}, labelSets, buckets } = metricDefinition(name);
  const described = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${describeValues(values)}`);
  const bounds = buckets ? ` Buckets: ${buckets.join(', ')}.` : '';
  const budget = labelSets ? ` At most ${labelSets} label sets.` : '';
  return [`\`${name}\``, type, unitOf(name, type), described.join('<br>') || 'none', help + bounds + budget];
}

function describeValues(values: LabelDefinition): string {
  return 'open' in values ? '*open*' : values.map((value) => `\`${value}\``).join(', ');
}

const unitWords: readonly (readonly [string, string])[] = [
  ['_seconds', 'seconds'],
  ['_bytes', 'bytes'],
  ['_usd', 'USD'],
  ['_ratio', 'share, 0 to 1'],
  ['_cores', 'cores'],
];

/** Returns the unit in the metric's name. If the name has no unit, the help text says what the metric counts. */
function unitOf(name: MetricName, type: string): string {
  const stem = name.replace(/_total$/, '');
  const word = unitWords.find(([suffix]) => stem.endsWith(suffix))?.[1];
  return word ?? (type === 'counter' ? 'events' : 'count');
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
