import { trace } from '@opentelemetry/api';
import { type Logger, type LoggerOptions, multistream, pino } from 'pino';
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
    serializers: { error: pino.stdSerializers.err },
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
