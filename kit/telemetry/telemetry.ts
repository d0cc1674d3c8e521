import { globalErrorHandler } from '@opentelemetry/core';
import { type EmittedBy, metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import type { ProcessName } from '#catalogue/services.ts';
import { describeProcess, type LeftOut } from './export/describe-process.ts';
import { readTelemetrySettings, type TelemetrySettings } from './export/environment.ts';
import { findOtlpEndpoints } from './export/otlp-endpoints.ts';
import { type LogSink, startOtlpLogs } from './export/start-logs.ts';
import { startOtlpMetrics } from './export/start-metrics.ts';
import { createIdleInstruments, createInstruments } from './metrics/create-instruments.ts';
import type { Instruments } from './metrics/instruments.ts';
import { readCpuLimit, readMemoryLimit } from './metrics/limits.ts';
import { contentTypes, negotiateFormat } from './metrics/negotiate-format.ts';
import { type Families, renderFamilies } from './metrics/render-families.ts';
import { startRuntimeMetrics } from './metrics/runtime-families.ts';
import type { Family } from './metrics/write-family.ts';
import { followContexts, startTracing } from './traces/start-tracing.ts';

export interface Telemetry<Process extends ProcessName> {
  /** Creates instruments for the metrics that the catalogue gives this process. */
  readonly instruments: Instruments<EmittedBy<Process>>;
  /** Returns the content type and body of /metrics, in the format that an Accept header asks for. */
  readonly scrape: Scrape;
  /** Sends log lines by OTLP. Absent if logs are not sent by OTLP. */
  readonly logSink?: LogSink;
  /** Where telemetry is sent by OTLP, keyed by traces, metrics and logs. Without user, password and query. */
  readonly otlpEndpoints: Readonly<Record<string, string>>;
  /** Pairs of OTEL_RESOURCE_ATTRIBUTES that were left out. */
  readonly leftOut: readonly LeftOut[];
  /** Sends the buffered telemetry and stops. */
  shutdown(): Promise<void>;
}

export type Scrape = (accept?: string) => Promise<ScrapeAnswer>;

interface ScrapeAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** The metrics that every process emits about itself. */
type OwnMetric = EmittedBy<ProcessName>;

/**
 * Starts metrics, traces and logs of a process. /metrics and the log on standard output are always on. OpenTelemetry's
 * standard variables (docs/configuration.md) switch on export by OTLP.
 * @throws Error that names a variable with an unsupported value
 */
export function startTelemetry<Process extends ProcessName>(
  process: Process,
  env: NodeJS.ProcessEnv,
): Telemetry<Process> {
  const settings = readTelemetrySettings(env);
  return settings.disabled ? startIdle() : startAll(process, settings, env);
}

/**
 * Starts telemetry for OTEL_SDK_DISABLED=true. Prom-client's metrics of the runtime remain, because they do not come
 * from OpenTelemetry. Trace contexts of requests and messages are still passed on.
 */
function startIdle<Process extends ProcessName>(): Telemetry<Process> {
  followContexts();
  const collectRuntime = startRuntimeMetrics();
  async function* collect(): AsyncGenerator<Family> {
    yield* await collectRuntime();
  }
  return {
    instruments: createIdleInstruments(),
    scrape: createScrape(collect),
    otlpEndpoints: {},
    leftOut: [],
    shutdown: async () => undefined,
  };
}

function startAll<Process extends ProcessName>(
  process: Process,
  settings: TelemetrySettings,
  env: NodeJS.ProcessEnv,
): Telemetry<Process> {
  const { resource, leftOut } = describeProcess(process, env);
  const metrics = settings.otlp.METRICS ? startOtlpMetrics(resource, settings) : undefined;
  const endTracing = startTracing(resource, settings);
  const logs = settings.otlp.LOGS ? startOtlpLogs(resource, settings.logBatches) : undefined;
  const meter = metrics?.getMeter('trading-platform');
  const { instruments, collect } = createInstruments<OwnMetric>({ ...settings, meter });
  observeLimits(instruments);
  const collectRuntime = startRuntimeMetrics();
  const names = metricsEmittedBy(process).filter((name) => !metricDefinition(name).runtime);
  async function* collectAll(): AsyncGenerator<Family> {
    for (const name of names) yield await collect(name);
    yield* await collectRuntime();
  }
  return {
    instruments: instruments as unknown as Instruments<EmittedBy<Process>>,
    scrape: createScrape(collectAll, observeScrapes(instruments)),
    ...(logs && { logSink: logs }),
    otlpEndpoints: findOtlpEndpoints(env, settings.otlp),
    leftOut,
    shutdown: async () => {
      const endings = [metrics?.shutdown(), endTracing(), logs?.shutdown()];
      await Promise.all(endings.map((ending) => ending?.catch(globalErrorHandler)));
    },
  };
}

type OnScrape = (seconds: number, bytes: number) => void;

function createScrape(collect: () => Families, onScrape?: OnScrape): Scrape {
  return async (accept) => {
    const began = performance.now();
    const format = negotiateFormat(accept);
    const body = await renderFamilies(collect(), format);
    onScrape?.((performance.now() - began) / 1_000, Buffer.byteLength(body));
    return { contentType: contentTypes[format], body };
  };
}

function observeScrapes(instruments: Instruments<OwnMetric>): OnScrape {
  const duration = instruments.gauge('telemetry_scrape_duration_seconds');
  const size = instruments.gauge('telemetry_scrape_size_bytes');
  return (seconds, bytes) => {
    duration.set(seconds);
    size.set(bytes);
  };
}

function observeLimits(instruments: Instruments<OwnMetric>): void {
  const cores = readCpuLimit();
  const memory = readMemoryLimit();
  instruments.observeGauge('process_cpu_limit_cores', (observe) => observe(cores));
  instruments.observeGauge('process_memory_limit_bytes', (observe) => observe(memory));
}
