import { trace } from '@opentelemetry/api';
import { type Logger, type LoggerOptions, multistream, pino } from 'pino';
import { maskSecrets } from '#base/mask-secrets.ts';
import type { LogSink } from './telemetry/export/start-logs.ts';

export type { Logger } from 'pino';

/**
 * Creates a logger that writes JSON lines to standard output, each with the ids of the active span.
 * @param sink receives each line in addition to standard output
 */
export function createLogger(service: string, level: string, sink?: LogSink): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: describeError },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  };
  return sink
    ? pino(
        options,
        multistream([
          { stream: pino.destination(1), level: 'trace' },
          { stream: sink, level: 'trace' },
        ]),
      )
    : pino(options);
}

/**
 * Returns the fields of an error for the log. Libraries attach the whole command, address or client, passwords included, so
 * that only plain values are kept, and addresses in them lose their credentials.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? maskSecrets(error) : error;
  const { aggregateErrors, ...fields } = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  const kept = Object.entries(fields).flatMap(([field, value]) => {
    // The field `input` of a TypeError of the class URL is the whole address.
    if (field === 'input' || typeof value === 'object' || typeof value === 'function') return [];
    return [[field, typeof value === 'string' ? maskSecrets(value) : value]];
  });
  const several = Array.isArray(aggregateErrors) && {
    aggregateErrors: error instanceof AggregateError ? error.errors.map(describeError) : [],
  };
  return { ...Object.fromEntries(kept), ...several };
}
