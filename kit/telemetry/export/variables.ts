/**
 * The environment variables of telemetry, with default, unit and meaning. docs/configuration.md is generated from them,
 * and environment.ts takes its defaults from here. Names, defaults and units are those of OpenTelemetry's
 * specification, except for METRICS_LABEL_SETS, which is our own.
 */
import { DEFAULT_LABEL_SETS } from '#catalogue/metrics.ts';

export interface TelemetryVariable {
  /** Default value, spelled as in the environment. Absent if the variable has no default. */
  readonly default?: string;
  readonly unit?: string;
  readonly meaning: string;
}

/** The three kinds of telemetry, spelled as in the names of variables. */
export const exportSignals = ['TRACES', 'METRICS', 'LOGS'] as const;
export type ExportSignal = (typeof exportSignals)[number];

export const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
export const histogramAggregations = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const;
export const exemplarFilters = ['trace_based', 'always_on', 'always_off'] as const;

const either = (choices: readonly string[]) => `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

const batchVariables = (what: string, delayMs: number) => ({
  SCHEDULE_DELAY: {
    default: String(delayMs),
    unit: 'ms',
    meaning: `longest that ${what} wait for their batch to fill`,
  },
  EXPORT_TIMEOUT: { default: '30000', unit: 'ms', meaning: `most time to send a batch of ${what}` },
  MAX_QUEUE_SIZE: { default: '2048', unit: what, meaning: `most ${what} that wait; more are dropped` },
  MAX_EXPORT_BATCH_SIZE: { default: '512', unit: what, meaning: `most ${what} in a batch` },
});

function withPrefix<Prefix extends string, Name extends string>(
  prefix: Prefix,
  variables: Readonly<Record<Name, TelemetryVariable>>,
): Record<`${Prefix}_${Name}`, TelemetryVariable> {
  const entries = Object.entries<TelemetryVariable>(variables).map(([name, one]) => [`${prefix}_${name}`, one]);
  return Object.fromEntries(entries) as Record<`${Prefix}_${Name}`, TelemetryVariable>;
}

/** Variables that our own code reads, not OpenTelemetry's. */
export const ownTelemetryVariables = {
  OTEL_SDK_DISABLED: {
    default: 'false',
    meaning:
      'true switches off metrics, spans and exports; /metrics keeps process_* and nodejs_*, and trace contexts are passed on',
  },
  OTEL_TRACES_EXPORTER: { meaning: 'otlp or none; by default otlp if an endpoint for traces is set, else none' },
  OTEL_METRICS_EXPORTER: {
    default: 'none',
    meaning: 'otlp sends metrics by OTLP too; prometheus and none leave them on /metrics only',
  },
  OTEL_LOGS_EXPORTER: {
    meaning:
      'otlp, console or none; by default otlp if an endpoint for logs is set, else none. Standard output always gets the log',
  },
  OTEL_METRIC_EXPORT_INTERVAL: { default: '60000', unit: 'ms', meaning: 'time between two exports of metrics' },
  OTEL_METRIC_EXPORT_TIMEOUT: {
    default: '30000',
    unit: 'ms',
    meaning: 'most time for an export of metrics, and never more than OTEL_METRIC_EXPORT_INTERVAL',
  },
  OTEL_METRICS_EXEMPLAR_FILTER: {
    meaning: `observations that become exemplars: ${either(exemplarFilters)}; by default trace_based if traces are sent, else always_off`,
  },
  OTEL_TRACES_SAMPLER: { default: samplers[0], meaning: `traces that are kept: ${either(samplers)}` },
  OTEL_TRACES_SAMPLER_ARG: {
    default: '1',
    unit: 'share, 0 to 1',
    meaning: 'share of traces that the traceidratio samplers keep',
  },
  ...withPrefix('OTEL_BSP', batchVariables('spans', 5_000)),
  ...withPrefix('OTEL_BLRP', batchVariables('log records', 1_000)),
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: {
    default: histogramAggregations[0],
    meaning: `form of histograms in OTLP: ${either(histogramAggregations)}`,
  },
  METRICS_LABEL_SETS: {
    default: String(DEFAULT_LABEL_SETS),
    unit: 'label sets',
    meaning: 'most label sets of a metric in one process, if the catalogue gives the metric no number of its own',
  },
} as const satisfies Readonly<Record<string, TelemetryVariable>>;

/**
 * Variables of the OTLP exporters, keyed by the end of their names. OTEL_EXPORTER_OTLP_<end> applies to traces, metrics
 * and logs; OTEL_EXPORTER_OTLP_TRACES_<end>, for example, to traces only.
 */
export const exporterVariables = {
  ENDPOINT: { meaning: 'URL of the collector; /v1/traces, /v1/metrics and /v1/logs are appended to the common one' },
  HEADERS: { meaning: 'headers of each request, as name=value, separated by commas' },
  TIMEOUT: { default: '10000', unit: 'ms', meaning: 'most time for one request' },
  COMPRESSION: { default: 'none', meaning: 'gzip or none' },
  PROTOCOL: { default: 'http/protobuf', meaning: 'http/protobuf only; any other value is refused at the start' },
  CERTIFICATE: { meaning: "file with the CA of the collector's certificate; without it, Node's own CAs" },
  CLIENT_CERTIFICATE: { meaning: 'file with the client certificate' },
  CLIENT_KEY: { meaning: 'file with the key of the client certificate' },
} as const satisfies Readonly<Record<string, TelemetryVariable>>;

/** Variables that OpenTelemetry's exporters and resource detector read. */
const sdkTelemetryVariables: Readonly<Record<string, TelemetryVariable>> = {
  OTEL_SERVICE_NAME: { meaning: 'service.name of all telemetry; by default the name of the process' },
  OTEL_RESOURCE_ATTRIBUTES: { meaning: 'more attributes of all telemetry, as name=value, separated by commas' },
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
    default: 'cumulative',
    meaning: 'temporality of metrics in OTLP: cumulative, delta or lowmemory',
  },
  ...withPrefix('OTEL_EXPORTER_OTLP', exporterVariables),
  ...Object.fromEntries(
    exportSignals.flatMap((signal) =>
      Object.entries(exporterVariables).map(([end, { meaning }]) => [
        `OTEL_EXPORTER_OTLP_${signal}_${end}`,
        { meaning: `OTEL_EXPORTER_OTLP_${end} for ${signal.toLowerCase()} only: ${meaning.split(';')[0]}` },
      ]),
    ),
  ),
};

export const telemetryVariables: Readonly<Record<string, TelemetryVariable>> = {
  ...ownTelemetryVariables,
  ...sdkTelemetryVariables,
};
