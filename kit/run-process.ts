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
  /** Returns content type and body of /metrics, for a process that serves /metrics on a second port as well. */
  readonly scrape: Scrape;
}

/** Finishes running work and closes all connections. It is called at most once. */
type Stop = () => Promise<void>;

/**
 * Runs a process from its main file: reads the configuration, starts log, telemetry and ops server, then calls `start`.
 * On SIGTERM and SIGINT it makes the process not ready, calls the function that `start` returned, and exits with 0. It
 * exits with 1 if stopping takes longer than SHUTDOWN_TIMEOUT_MS, if the start fails, or after an unhandled error.
 */
export async function runProcess<Process extends ProcessName, Shape extends z.ZodRawShape>(
  name: Process,
  schema: z.ZodObject<Shape>,
  start: (context: ProcessContext<Process, z.infer<z.ZodObject<Shape>>>) => Promise<Stop>,
): Promise<void> {
  let log = createLogger(name, 'info');
  const stopping = new AbortController();
  const fail = (message: string) => (error: unknown) => {
    log.fatal({ error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', fail('uncaught exception'));
  process.on('unhandledRejection', fail('unhandled rejection'));
  logWarnings(() => log);
  try {
    const common = readConfig(processConfigSchema, process.env);
    const config = { ...common, ...readConfig(schema, process.env) };
    log = createLogger(name, config.LOG_LEVEL);
    const { ops, telemetry } = await startOperations(name, config, log);
    log = createLogger(name, config.LOG_LEVEL, telemetry.logSink);
    warnOfUnknownVariables(schema, log);
    const { instruments, scrape } = telemetry;
    const started = start({ config, log, ops, stopping: stopping.signal, instruments, scrape });
    stopOnSignal(config.SHUTDOWN_TIMEOUT_MS, log, async () => {
      ops.drain();
      stopping.abort();
      const stop = await started.catch((error: unknown) => log.warn({ error }, 'stopped before it had started'));
      await stop?.();
      await Promise.all([telemetry.shutdown(), ops.stop()]);
    });
    ops.addCheck('start', async () => {
      const pending = Symbol('pending');
      return (await Promise.race([started, Promise.resolve(pending)])) === pending ? 'still starting' : undefined;
    });
    await started;
    log.info('started');
  } catch (error) {
    // If a signal aborted the start, the start has not failed, and stopOnSignal ends the process.
    if (!stopping.signal.aborted) fail('could not start')(error);
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
    });
    log.info({ event: 'telemetry_initialized', port: ops.port }, 'telemetry_initialized');
    return { telemetry, ops };
  } catch (error) {
    log.error({ event: 'telemetry_initialization_failed', error }, 'telemetry_initialization_failed');
    throw error;
  }
}

function stopOnSignal(timeoutMs: number, log: Logger, stop: Stop): void {
  let stopping = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      log.error({ timeout_ms: timeoutMs }, 'did not stop in time');
      process.exit(1);
    }, timeoutMs);
    try {
      await stop();
      log.info('stopped');
      clearTimeout(timer);
      process.exit(0);
    } catch (error) {
      log.fatal({ error }, 'could not stop cleanly');
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
