import { DEFAULT_LABEL_SETS } from '#catalogue/metrics.ts';
import type { ExemplarFilter } from '../metrics/exemplar.ts';
import { checkExporterVariables, type Signal } from './check-exporter-variables.ts';

/** Reads the standard OTEL_* variables, and checks those that the exporters read themselves. */

type Environment = Readonly<NodeJS.ProcessEnv>;

export interface TelemetrySettings {
  /** OTEL_SDK_DISABLED: no metrics of ours, no spans, no export; the trace a message carries is passed on all the same. */
  readonly disabled: boolean;
  /** Which signals go out by OTLP. */
  readonly otlp: Readonly<Record<Signal, boolean>>;
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
  /** Share of the traces to keep, of the samplers that take one. */
  readonly ratio: number;
}

export interface BatchSettings {
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
const histogramAggregations = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const;
const exemplarFilters = ['trace_based', 'always_on', 'always_off'] as const satisfies readonly ExemplarFilter[];

/** @throws Error that names the variable, and what it can be */
export function readTelemetrySettings(env: Environment): TelemetrySettings {
  const disabled = env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true';
  const exportIntervalMillis = readCount(env, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const aggregation = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const otlp = {
    TRACES: asksForOtlp(env, 'TRACES', whenEndpoint(env, 'TRACES')),
    METRICS: asksForOtlp(env, 'METRICS', 'none'),
    LOGS: asksForOtlp(env, 'LOGS', whenEndpoint(env, 'LOGS')),
  };
  checkExporterVariables(
    env,
    (['TRACES', 'METRICS', 'LOGS'] as const).filter((signal) => otlp[signal]),
  );
  return {
    disabled,
    otlp,
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportIntervalMillis, readCount(env, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000)),
    exponentialHistograms: readChoice(env, aggregation, histogramAggregations) === 'base2_exponential_bucket_histogram',
    exemplarFilter: readExemplarFilter(env, otlp.TRACES),
    sampler: { name: readChoice(env, 'OTEL_TRACES_SAMPLER', samplers), ratio: readRatio(env) },
    spanBatches: readBatches(env, 'OTEL_BSP', 5_000),
    logBatches: readBatches(env, 'OTEL_BLRP', 1_000),
    labelSets: readCount(env, 'METRICS_LABEL_SETS', DEFAULT_LABEL_SETS),
  };
}

/** An exemplar leads to a trace: where none are sent there is none to lead to, and its ids are most of what a scrape weighs. */
function readExemplarFilter(env: Environment, sendsTraces: boolean): ExemplarFilter {
  const variable = 'OTEL_METRICS_EXEMPLAR_FILTER';
  return env[variable] || sendsTraces ? readChoice(env, variable, exemplarFilters) : 'always_off';
}

/** Defaults of the specification; only the delay differs between spans and logs. */
function readBatches(env: Environment, prefix: 'OTEL_BSP' | 'OTEL_BLRP', delay: number): BatchSettings {
  const maxQueueSize = readCount(env, `${prefix}_MAX_QUEUE_SIZE`, 2_048);
  return {
    scheduledDelayMillis: readCount(env, `${prefix}_SCHEDULE_DELAY`, delay),
    exportTimeoutMillis: readCount(env, `${prefix}_EXPORT_TIMEOUT`, 30_000),
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, readCount(env, `${prefix}_MAX_EXPORT_BATCH_SIZE`, 512)),
  };
}

function whenEndpoint(env: Environment, signal: Signal): 'otlp' | 'none' {
  return env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ? 'otlp' : 'none';
}

/** /metrics and logs on standard output are always there, so `prometheus` and `console` are no exporters to add. */
function asksForOtlp(env: Environment, signal: Signal, fallback: 'otlp' | 'none'): boolean {
  const variable = `OTEL_${signal}_EXPORTER`;
  const there = { TRACES: [], METRICS: ['prometheus'], LOGS: ['console'] }[signal];
  const asked = (env[variable] || fallback).split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !['otlp', 'none', ...there].includes(name));
  if (unknown) throw new Error(`${variable}=${unknown}: this exporter is not there; use otlp or none`);
  if (!asked.includes('otlp')) return false;
  const own = `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
  const [name, protocol] = env[own]
    ? [own, env[own]]
    : ['OTEL_EXPORTER_OTLP_PROTOCOL', env.OTEL_EXPORTER_OTLP_PROTOCOL];
  if (protocol && protocol !== 'http/protobuf') {
    throw new Error(`${name}=${protocol}: only http/protobuf is there; collectors receive it on port 4318`);
  }
  return true;
}

/** The first choice is the default. */
function readChoice<const Choice extends string>(env: Environment, name: string, choices: readonly Choice[]): Choice {
  const [first] = choices as readonly [Choice];
  const given = env[name]?.trim() || first;
  const found = choices.find((choice) => choice === given);
  if (!found) throw new Error(`${name}=${given}: must be one of ${choices.join(', ')}`);
  return found;
}

function readCount(env: Environment, name: string, fallback: number): number {
  const count = Number(env[name]?.trim() || fallback);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${name}=${env[name]}: must be a whole number above 0`);
  return count;
}

function readRatio(env: Environment): number {
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG?.trim() || 1);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new Error(`OTEL_TRACES_SAMPLER_ARG=${env.OTEL_TRACES_SAMPLER_ARG}: must be a number from 0 to 1`);
}
