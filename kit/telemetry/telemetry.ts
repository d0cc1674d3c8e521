import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type IMetricReader,
  InstrumentType,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type EmittedBy, metricsEmittedBy } from '#catalogue/metrics.ts';
import type { ProcessName } from '#catalogue/services.ts';
import { Exposition } from './exposition.ts';
import type { Instruments } from './instruments.ts';
import { readCpuLimit, readMemoryLimit } from './limits.ts';
import { createInstruments } from './meter.ts';

export interface Telemetry<Process extends ProcessName> {
  /** Makes instruments for the metrics the catalogue gives this process. */
  readonly instruments: Instruments<EmittedBy<Process>>;
  /** What /metrics answers, in the Prometheus text format. */
  scrape(): Promise<string>;
  /** Sends what is buffered and stops. */
  shutdown(): Promise<void>;
}

/**
 * A cumulative reader of the SDK reports what a gauge observed once for ever; one with delta temporality reports what
 * it observes now. Gauges have no temporality on the wire, so nothing else changes.
 */
function forgetGauges(instrument: InstrumentType): AggregationTemporality {
  const isGauge = instrument === InstrumentType.OBSERVABLE_GAUGE;
  return isGauge ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}

class Exporter extends OTLPMetricExporter {
  override selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    const asked = super.selectAggregationTemporality(instrument);
    return asked === AggregationTemporality.CUMULATIVE ? forgetGauges(instrument) : asked;
  }
}

/** A reader that is read by scrapes only. */
class ScrapeReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: forgetGauges });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/**
 * Starts metrics and traces of a process.
 *
 * /metrics always works. The standard variables add OTLP and nothing else changes: OTEL_METRICS_EXPORTER=otlp sends
 * metrics, OTEL_TRACES_EXPORTER=otlp (the default once OTEL_EXPORTER_OTLP_ENDPOINT is set) sends traces; endpoint,
 * headers, time-out and interval are read by the exporters as the OpenTelemetry specification says.
 *
 * @throws Error when a variable asks for an exporter that is not there
 */
export function startTelemetry<Process extends ProcessName>(
  process: Process,
  env: NodeJS.ProcessEnv,
): Telemetry<Process> {
  const resource = resourceFromAttributes({ 'service.name': process, 'service.namespace': 'trading-platform' }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const scrapeReader = new ScrapeReader();
  const meterProvider = new MeterProvider({ resource, readers: [scrapeReader, ...otlpMetricReaders(env)] });
  const tracerProvider = startTracing(resource, env);
  const instruments = createInstruments<EmittedBy<Process>>(meterProvider.getMeter('trading-platform'));
  observeLimits(instruments as Instruments<EmittedBy<ProcessName>>);
  const exposition = new Exposition(scrapeReader, metricsEmittedBy(process));
  return {
    instruments,
    scrape: () => exposition.render(),
    shutdown: async () => {
      await Promise.allSettled([meterProvider.shutdown(), tracerProvider.shutdown()]);
    },
  };
}

function observeLimits(instruments: Instruments<EmittedBy<ProcessName>>): void {
  const cores = readCpuLimit();
  const memory = readMemoryLimit();
  instruments.observeGauge('process_cpu_limit_cores', (observe) => observe(cores));
  instruments.observeGauge('process_memory_limit_bytes', (observe) => observe(memory));
}

function otlpMetricReaders(env: NodeJS.ProcessEnv): IMetricReader[] {
  if (!asksForOtlp(env, 'OTEL_METRICS_EXPORTER', 'none')) return [];
  const exportIntervalMillis = Number(env.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000);
  const exportTimeoutMillis = Math.min(exportIntervalMillis, Number(env.OTEL_METRIC_EXPORT_TIMEOUT ?? 30_000));
  return [
    new PeriodicExportingMetricReader({
      exporter: new Exporter(),
      exportIntervalMillis,
      exportTimeoutMillis,
    }),
  ];
}

function startTracing(resource: Resource, env: NodeJS.ProcessEnv): TracerProvider {
  const fallback = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ? 'otlp' : 'none';
  const spanProcessors = asksForOtlp(env, 'OTEL_TRACES_EXPORTER', fallback)
    ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })]
    : [];
  const provider = new TracerProvider({ resource, spanProcessors });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return provider;
}

/** /metrics is always there, so `prometheus` is no exporter to add. */
function asksForOtlp(env: NodeJS.ProcessEnv, variable: string, fallback: string): boolean {
  const asked = (env[variable] || fallback).split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !['otlp', 'none', 'prometheus'].includes(name));
  if (unknown) throw new Error(`${variable}=${unknown}: this exporter is not there; use otlp or none`);
  const protocol = env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  if (asked.includes('otlp') && protocol !== 'http/protobuf') {
    throw new Error(
      `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}: only http/protobuf is there; collectors receive it on port 4318`,
    );
  }
  return asked.includes('otlp') && env.OTEL_SDK_DISABLED !== 'true';
}
