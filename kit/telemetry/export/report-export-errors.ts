import { format } from 'node:util';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import type { Log } from '#base/log.ts';

/** Shortest time between two log lines. While a collector is down, an export fails every few seconds. */
const QUIET_MS = 60_000;

/**
 * Logs failed OTLP exports, at most once a minute. OpenTelemetry itself does not report them anywhere.
 * @param log a log that is not itself sent by OTLP
 */
export function reportExportErrors(log: Log): void {
  let failures = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  followExportErrors((error) => {
    failures += 1;
    if (performance.now() - reportedAt < QUIET_MS) return;
    log.warn({ error, failures }, 'could not send telemetry');
    reportedAt = performance.now();
    failures = 0;
  });
}

/**
 * Calls the listener for each export error. Some parts of OpenTelemetry pass errors to the global error handler, other
 * parts only to the diagnostic log.
 */
export function followExportErrors(listener: (error: Error) => void): void {
  const ignore = () => undefined;
  const tell = (...parts: unknown[]) => listener(new Error(format(...parts)));
  setGlobalErrorHandler((error) => listener(error instanceof Error ? error : new Error(String(error))));
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
