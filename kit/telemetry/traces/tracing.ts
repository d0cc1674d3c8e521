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
 * Attributes of a span that sends or handles a message, by OpenTelemetry's semantic conventions. Its name is the operation and
 * the destination: `publish trading-signals`.
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

/** A W3C trace context as text headers: of an HTTP request, a Kafka message or a job. */
export type TraceHeaders = Record<string, string>;

/** The headers that continue the active trace; empty outside any trace. */
export function injectTrace(from: Context = context.active()): TraceHeaders {
  const headers: TraceHeaders = {};
  const set = (carrier: TraceHeaders, key: string, value: string) => {
    carrier[key] = value;
  };
  propagator.inject(from, headers, { set });
  return headers;
}

/** The context of the trace that headers name, or the one it is to be without. */
export function extractTrace(headers: Readonly<Record<string, unknown>>, otherwise = context.active()): Context {
  return propagator.extract(otherwise, headers, {
    keys: (carrier) => Object.keys(carrier),
    get: (carrier, key) => carrier[key]?.toString(),
  });
}

/**
 * Runs work in a span of its own, which ends with it and records what it throws.
 * @param options.parent the context to continue; the active one when absent
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
