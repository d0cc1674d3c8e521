import process from 'node:process';
import type { z } from 'zod';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { ProcessName } from '#catalogue/services.ts';
import { type ProcessConfig, processConfigSchema, readConfig } from './config.ts';
import { createLogger, type Logger } from './log.ts';
import { type OpsServer, startOpsServer } from './ops-server.ts';
import { reportExportErrors } from './telemetry/export/report-export-errors.ts';
import type { Instruments } from './telemetry/metrics/instruments.ts';
import { type Scrape, startTelemetry } from './telemetry/telemetry.ts';

export interface ProcessContext<Process extends ProcessName, Config> {
  readonly config: Config & ProcessConfig;
  readonly log: Logger;
  readonly instruments: Instruments<EmittedBy<Process>>;
  readonly ops: OpsServer;
  /** Aborted once the process is told to stop: what waits for a server at the start gives up. */
  readonly stopping: AbortSignal;
  /** Answers a scrape; for a process that shows /metrics on another port too. */
  readonly scrape: Scrape;
}

/** Finishes what was begun and lets go of everything. Runs once. */
export type Stop = () => Promise<void>;

/**
 * Runs a process from its main file: configuration, logs, telemetry, the ops server, then `start`. SIGTERM and SIGINT
 * make it not ready, call what `start` returned, and exit 0; when that takes longer than SHUTDOWN_TIMEOUT_MS, or
 * anything fails that nobody handles, exit 1.
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
    const started = start({
      config,
      log,
      ops,
      stopping: stopping.signal,
      instruments: telemetry.instruments,
      scrape: telemetry.scrape,
    });
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
    // What gave up because it was told to stop has not failed: stopOnSignal ends the process.
    if (!stopping.signal.aborted) fail('could not start')(error);
  }
}

/** Node's own warnings as log lines, where it would write text to standard error. */
function logWarnings(log: () => Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    // kafkajs asks for a time-out in the past, and gets 1 ms.
    const level = warning.name === 'TimeoutNegativeWarning' ? 'debug' : 'warn';
    log()[level]({ error: warning }, 'warning of the runtime');
  });
}

async function startOperations<Process extends ProcessName>(name: Process, config: ProcessConfig, log: Logger) {
  try {
    const telemetry = startTelemetry(name, process.env);
    reportExportErrors(log);
    const ops = await startOpsServer({
      host: config.METRICS_HOST,
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
