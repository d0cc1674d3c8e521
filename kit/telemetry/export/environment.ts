/**
 * Reads the environment variables of telemetry, and checks the variables that OpenTelemetry's exporters read
 * themselves. Returns settings, or throws an Error that names the variable and its possible values. Does no I/O except
 * checking that certificate files can be read.
 */
import { showValue } from '#base/mask-secrets.ts';
import type { ExemplarFilter } from '../metrics/exemplar.ts';
import { checkExporterVariables } from './check-exporter-variables.ts';
import {
  type ExportSignal,
  exemplarFilters,
  exportSignals,
  histogramAggregations,
  ownTelemetryVariables,
  samplers,
} from './variables.ts';

type Environment = Readonly<NodeJS.ProcessEnv>;

export interface TelemetrySettings {
  /**
   * If true, there are no metrics of the catalogue, no spans and no exports. The trace context of a message is still
   * passed on.
   */
  readonly disabled: boolean;
  /** For traces, metrics and logs each, whether they are sent by OTLP. */
  readonly otlp: Readonly<Record<ExportSignal, boolean>>;
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
  readonly exponentialHistograms: boolean;
  readonly exemplarFilter: ExemplarFilter;
  readonly sampler: SamplerChoice;
  readonly spanBatches: BatchSettings;
  readonly logBatches: BatchSettings;
  readonly labelSets: number;
}

export interface SamplerChoice {
  readonly name: (typeof samplers)[number];
  /** Share of traces to keep, 0 to 1. Only the traceidratio samplers use it. */
  readonly ratio: number;
}

export interface BatchSettings {
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

/**
 * Reads the settings of telemetry from environment variables.
 * @throws Error that names a wrong variable and its possible values
 */
export function readTelemetrySettings(env: Environment): TelemetrySettings {
  const disabled = env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true';
  const exportIntervalMillis = readCount(env, 'OTEL_METRIC_EXPORT_INTERVAL');
  const aggregation = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const otlp = {
    TRACES: asksForOtlp(env, 'TRACES', whenEndpoint(env, 'TRACES')),
    METRICS: asksForOtlp(env, 'METRICS', 'none'),
    LOGS: asksForOtlp(env, 'LOGS', whenEndpoint(env, 'LOGS')),
  };
  checkExporterVariables(
    env,
    exportSignals.filter((signal) => otlp[signal]),
  );
  return {
    disabled,
    otlp,
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportIntervalMillis, readCount(env, 'OTEL_METRIC_EXPORT_TIMEOUT')),
    exponentialHistograms: readChoice(env, aggregation, histogramAggregations) === 'base2_exponential_bucket_histogram',
    exemplarFilter: readExemplarFilter(env, otlp.TRACES),
    sampler: { name: readChoice(env, 'OTEL_TRACES_SAMPLER', samplers), ratio: readRatio(env) },
    spanBatches: readBatches(env, 'OTEL_BSP'),
    logBatches: readBatches(env, 'OTEL_BLRP'),
    labelSets: readCount(env, 'METRICS_LABEL_SETS'),
  };
}

/**
 * Exemplars are off by default if no traces are sent. An exemplar would then refer to a trace that does not exist, and
 * the trace ids would make up two fifths of a compressed scrape.
 */
function readExemplarFilter(env: Environment, sendsTraces: boolean): ExemplarFilter {
  const variable = 'OTEL_METRICS_EXEMPLAR_FILTER';
  return env[variable] || sendsTraces ? readChoice(env, variable, exemplarFilters) : 'always_off';
}

function readBatches(env: Environment, prefix: 'OTEL_BSP' | 'OTEL_BLRP'): BatchSettings {
  const maxQueueSize = readCount(env, `${prefix}_MAX_QUEUE_SIZE`);
  return {
    scheduledDelayMillis: readCount(env, `${prefix}_SCHEDULE_DELAY`),
    exportTimeoutMillis: readCount(env, `${prefix}_EXPORT_TIMEOUT`),
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, readCount(env, `${prefix}_MAX_EXPORT_BATCH_SIZE`)),
  };
}

function whenEndpoint(env: Environment, signal: ExportSignal): 'otlp' | 'none' {
  return env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ? 'otlp' : 'none';
}

/**
 * Returns whether `signal` (traces, metrics or logs) is to be sent by OTLP. The exporters `prometheus` and `console`
 * are accepted but change nothing, because /metrics and the log on standard output are always on.
 * @param fallback the exporter if no variable names one
 */
function asksForOtlp(env: Environment, signal: ExportSignal, fallback: 'otlp' | 'none'): boolean {
  const variable = `OTEL_${signal}_EXPORTER`;
  const alwaysOn = { TRACES: [], METRICS: ['prometheus'], LOGS: ['console'] }[signal];
  const asked = (env[variable] || fallback).split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !['otlp', 'none', ...alwaysOn].includes(name));
  if (unknown)
    throw new Error(`${variable}=${showValue(variable, unknown)}: this exporter is not there; use otlp or none`);
  if (!asked.includes('otlp')) return false;
  const own = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
  const [name, protocol] = env[own]
    ? [own, env[own]]
    : ['OTEL_EXPORTER_OTLP_PROTOCOL', env.OTEL_EXPORTER_OTLP_PROTOCOL];
  if (protocol && protocol !== 'http/protobuf') {
    throw new Error(
      `${name}=${showValue(name, protocol)}: only http/protobuf is there; collectors receive it on port 4318`,
    );
  }
  return true;
}

/** Reads a variable that must be one of `choices`. The first choice is the default. */
function readChoice<const Choice extends string>(env: Environment, name: string, choices: readonly Choice[]): Choice {
  const [first] = choices as readonly [Choice];
  const given = env[name]?.trim() || first;
  const found = choices.find((choice) => choice === given);
  if (!found) throw new Error(`${name}=${showValue(name, given)}: must be one of ${choices.join(', ')}`);
  return found;
}

type CountVariable =
  | 'OTEL_METRIC_EXPORT_INTERVAL'
  | 'OTEL_METRIC_EXPORT_TIMEOUT'
  | 'METRICS_LABEL_SETS'
  | keyof { [Name in keyof typeof ownTelemetryVariables as Extract<Name, `OTEL_${'BSP' | 'BLRP'}_${string}`>]: never };

function readCount(env: Environment, name: CountVariable): number {
  const count = Number(env[name]?.trim() || ownTelemetryVariables[name].default);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`${name}=${showValue(name, env[name] ?? '')}: must be a whole number above 0`);
  return count;
}

function readRatio(env: Environment): number {
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG?.trim() || ownTelemetryVariables.OTEL_TRACES_SAMPLER_ARG.default);
  if (ratio >= 0 && ratio <= 1) return ratio;
  const given = showValue('OTEL_TRACES_SAMPLER_ARG', env.OTEL_TRACES_SAMPLER_ARG ?? '');
  throw new Error(`OTEL_TRACES_SAMPLER_ARG=${given}: must be a number from 0 to 1`);
}
