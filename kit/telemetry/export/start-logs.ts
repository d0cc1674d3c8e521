import { type Attributes, context, SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { BatchSettings } from './environment.ts';

/** Receives each line of the log, in addition to standard output. */
export interface LogSink {
  write(line: string): void;
}

interface OtlpLogs extends LogSink {
  shutdown(): Promise<void>;
}

const severities: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly message?: string;
  readonly error?: { readonly type?: string; readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** Sends log lines by OTLP. A record belongs to the trace that is active when its line is written. */
export function startOtlpLogs(resource: Resource, batches: BatchSettings): OtlpLogs {
  const processors = [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), ...batches })];
  const provider = new LoggerProvider({ resource, processors });
  const logger = provider.getLogger('trading-platform');
  return {
    write(line) {
      const { level, time, message, error, ...fields } = JSON.parse(line) as LogLine;
      logger.emit({
        timestamp: Date.parse(time),
        severityNumber: severities[level] ?? SeverityNumber.UNSPECIFIED,
        severityText: level.toUpperCase(),
        body: message ?? '',
        attributes: { ...attributesOf(fields), ...describeException(error) },
        context: context.active(),
      });
    },
    shutdown: () => provider.shutdown(),
  };
}

/**
 * Fields of a log line that are not copied into the attributes, because the OTLP resource or the record's trace context
 * contains them.
 */
const CARRIED_ELSEWHERE = ['service', 'trace_id', 'span_id'];

function attributesOf(fields: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(fields).filter(([field]) => !CARRIED_ELSEWHERE.includes(field)),
  ) as Attributes;
}

function describeException(error: LogLine['error']): Attributes {
  if (!error) return {};
  const { type, message, stack } = error;
  return { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack };
}
