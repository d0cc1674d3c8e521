import process from 'node:process';
import type { z } from 'zod';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { ProcessName } from '#catalogue/services.ts';
import { type ProcessConfig, processConfigSchema, readConfig } from './config.ts';
import { chooseListenHost } from './listen-host.ts';
import { createLogger, type Logger } from './log.ts';
import { type OpsServer, startOpsServer } from './ops-server.ts';
import { reportExportErrors } from './telemetry/export/report-export-errors.ts';
import { telemetryVariables } from './telemetry/export/variables.ts';
import type { Instruments } from './telemetry/metrics/instruments.ts';
import { type Scrape, startTelemetry } from './telemetry/telemetry.ts';
import { findUnknownVariables } from './unknown-variables.ts';

interface ProcessContext<Process extends ProcessName, Config> {
  readonly config: Config & ProcessConfig;
  readonly log: Logger;
  readonly instruments: Instruments<EmittedBy<Process>>;
  readonly ops: OpsServer;
  /** Aborted on SIGTERM and SIGINT, so that `start` stops waiting for a server. */
  readonly stopping: AbortSignal;
  /**
   * Ends the process with exit code 1, because a part of it cannot go on. Logs the error, finishes running work and
   * closes all connections first.
   */
  readonly fail: (error: Error) => void;
  /** Returns content type and body of /metrics, for a process that serves /metrics on a second port as well. */
  readonly scrape: Scrape;
}

/** Finishes running work and closes all connections. It is called at most once. */
type Stop = () => Promise<void>;

/**
 * Runs a process from its main file: reads the configuration, starts log, telemetry and ops server, then calls `start`.
 * On SIGTERM and SIGINT it makes the process not ready, calls the function that `start` returned, and exits with 0. It
 * exits with 1 if stopping takes longer than SHUTDOWN_TIMEOUT_MS, if the start fails, after an unhandled error, and if a
 * part of the process calls `fail`.
 */
export async function runProcess<Process extends ProcessName, Shape extends z.ZodRawShape>(
  name: Process,
  schema: z.ZodObject<Shape>,
  start: (context: ProcessContext<Process, z.infer<z.ZodObject<Shape>>>) => Promise<Stop>,
): Promise<void> {
  let log = createLogger(name, 'info');
  const stopping = new AbortController();
  const exitAtOnce = (message: string) => (error: unknown) => {
    log.fatal({ error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', exitAtOnce('uncaught exception'));
  process.on('unhandledRejection', exitAtOnce('unhandled rejection'));
  logWarnings(() => log);
  try {
    const common = readConfig(processConfigSchema, process.env);
    const config = { ...common, ...readConfig(schema, process.env) };
    log = createLogger(name, config.LOG_LEVEL);
    const { ops, telemetry } = await startOperations(name, config, log);
    log = createLogger(name, config.LOG_LEVEL, telemetry.logSink);
    warnOfUnknownVariables(schema, log);
    const { instruments, scrape } = telemetry;
    const end = createEnd(config.SHUTDOWN_TIMEOUT_MS, log, async () => {
      ops.drain();
      stopping.abort();
      const stop = await started.catch((error: unknown) => log.warn({ error }, 'stopped before it had started'));
      await stop?.();
      await Promise.all([telemetry.shutdown(), ops.stop()]);
    });
    const fail = (error: Error) => {
      log.fatal({ error }, 'a part of the process cannot go on, stopping');
      end(1);
    };
    const started = start({ config, log, ops, stopping: stopping.signal, instruments, scrape, fail });
    endOnSignals(end, log);
    ops.addCheck('start', async () => {
      const pending = Symbol('pending');
      return (await Promise.race([started, Promise.resolve(pending)])) === pending ? 'still starting' : undefined;
    });
    await started;
    log.info('started');
  } catch (error) {
    // If something ended the process during the start, the start has not failed, and `end` exits.
    if (!stopping.signal.aborted) exitAtOnce('could not start')(error);
  }
}

/** Logs a warning for each unknown environment variable. Without the warning, nobody would notice a mistyped name. */
function warnOfUnknownVariables(schema: z.ZodObject, log: Logger): void {
  const own = [processConfigSchema.shape, schema.shape, telemetryVariables].flatMap((variables) =>
    Object.keys(variables),
  );
  for (const unknown of findUnknownVariables(process.env, own))
    log.warn(unknown, 'unknown environment variable, ignored: docs/configuration.md lists the known ones');
}

/** Logs Node's own warnings, which Node would write to standard error as plain text. */
function logWarnings(log: () => Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    // kafkajs sometimes sets a timer with a negative delay. Node then warns and uses 1 ms, which is harmless.
    const level = warning.name === 'TimeoutNegativeWarning' ? 'debug' : 'warn';
    log()[level]({ error: warning }, 'warning of the runtime');
  });
}

async function startOperations<Process extends ProcessName>(name: Process, config: ProcessConfig, log: Logger) {
  try {
    const telemetry = startTelemetry(name, process.env);
    reportExportErrors(log);
    const ops = await startOpsServer({
      host: await chooseListenHost(config.METRICS_HOST),
      port: config.METRICS_PORT,
      scrape: telemetry.scrape,
      allowedHosts: config.HTTP_ALLOWED_HOSTS,
    });
    const endpoint = `http://${describeHost(config.METRICS_HOST)}:${ops.port}/metrics`;
    const where = { event: 'telemetry_initialized', port: ops.port, endpoint, otlp: telemetry.otlpEndpoints };
    log.info(where, 'telemetry_initialized');
    for (const pair of telemetry.leftOut)
      log.warn({ variable: 'OTEL_RESOURCE_ATTRIBUTES', ...pair }, 'a pair of the resource attributes is left out');
    return { telemetry, ops };
  } catch (error) {
    log.error({ event: 'telemetry_initialization_failed', error }, 'telemetry_initialization_failed');
    throw error;
  }
}

/** Returns a host as it stands in a URL. */
function describeHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Returns a function that stops the process and exits with a code. Only its first call has an effect. */
function createEnd(timeoutMs: number, log: Logger, stop: Stop): (code: number) => void {
  let ending = false;
  return async (code) => {
    if (ending) return;
    ending = true;
    const timer = setTimeout(() => {
      log.error({ timeout_ms: timeoutMs }, 'did not stop in time');
      process.exit(1);
    }, timeoutMs);
    try {
      await stop();
      log.info('stopped');
      clearTimeout(timer);
      process.exit(code);
    } catch (error) {
      log.fatal({ error }, 'could not stop cleanly');
      process.exit(1);
    }
  };
}

function endOnSignals(end: (code: number) => void, log: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      end(0);
    });
}
