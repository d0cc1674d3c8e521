import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

const propagator = new W3CTraceContextPropagator();

/**
 * Returns the attributes of a span for sending or handling a message, by OpenTelemetry's semantic conventions. Name the
 * span after the operation and the destination: `publish trading-signals`.
 */
export function describeMessage(message: {
  system: 'kafka' | 'bullmq';
  operation: 'publish' | 'process';
  destination: string;
  id: string;
}): Attributes {
  const { system, operation, destination, id } = message;
  return {
    'messaging.system': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation === 'publish' ? 'send' : 'process',
    'messaging.destination.name': destination,
    'messaging.message.id': id,
  };
}

/** A W3C trace context as headers of an HTTP request, a Kafka message or a job. */
export type TraceHeaders = Record<string, string>;

/** Returns the headers that continue the active trace, or no headers outside a trace. */
export function injectTrace(from: Context = context.active()): TraceHeaders {
  const headers: TraceHeaders = {};
  const set = (carrier: TraceHeaders, key: string, value: string) => {
    carrier[key] = value;
  };
  propagator.inject(from, headers, { set });
  return headers;
}

/** Returns the trace context in the headers, or `otherwise` if the headers contain none. */
export function extractTrace(headers: Readonly<Record<string, unknown>>, otherwise = context.active()): Context {
  return propagator.extract(otherwise, headers, {
    keys: (carrier) => Object.keys(carrier),
    get: (carrier, key) => carrier[key]?.toString(),
  });
}

/**
 * Runs `work` in a new span. If `work` throws, the span records the error.
 * @param options.parent the trace context to continue; default: the active context
 */
export async function withSpan<Result>(
  name: string,
  options: SpanOptions & { parent?: Context },
  work: (span: Span) => Promise<Result> | Result,
): Promise<Result> {
  const { parent = context.active(), ...spanOptions } = options;
  const tracer = trace.getTracer('trading-platform');
  return tracer.startActiveSpan(name, spanOptions, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
