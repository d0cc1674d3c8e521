import { format } from 'node:util';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import type { Logger } from '../../log.ts';

/** A collector that is away fails every few seconds. */
const QUIET_MS = 60_000;

/**
 * What cannot be sent by OTLP is said in the log, at most once a minute: nobody else would tell.
 * @param log one that is not sent by OTLP itself
 */
export function reportExportErrors(log: Logger): void {
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

/** Some of OpenTelemetry's parts hand an error over, others only write one to its diagnostics. */
export function followExportErrors(listener: (error: Error) => void): void {
  const ignore = () => undefined;
  const tell = (...parts: unknown[]) => listener(new Error(format(...parts)));
  setGlobalErrorHandler((error) => listener(error instanceof Error ? error : new Error(String(error))));
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
