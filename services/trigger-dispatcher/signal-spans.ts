import { type Attributes, type Context, type Link, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Signal } from '#catalogue/signals.ts';
import { topics } from '#catalogue/topics.ts';
import { areSpansReceived } from '#kit/telemetry/start-tracing.ts';
import { describeMessage, extractTrace, injectTrace, type TraceHeaders } from '#kit/telemetry/tracing.ts';

/** A span for each signal of a batch, in the signal's own trace: what its executions continue. */
export interface SignalSpans {
  traceOf(signalId: string): TraceHeaders;
  /** For the span of the batch, which belongs to none of the traces. */
  readonly links: readonly Link[];
  end(): void;
}

export interface DeliveredSignal {
  readonly signal: Signal;
  /** Headers of its message. */
  readonly headers: Readonly<Record<string, string>>;
}

function describeSignal({ signal_id: id }: Signal): Attributes {
  return describeMessage({ system: 'kafka', operation: 'process', destination: topics.signals.name, id });
}

/** Where nobody receives spans, a signal has one only when an execution asks for its trace: most match no pipeline. */
export function startSignalSpans(delivered: readonly DeliveredSignal[]): SignalSpans {
  const firstOf = new Map<string, DeliveredSignal>();
  for (const one of delivered) if (!firstOf.has(one.signal.signal_id)) firstOf.set(one.signal.signal_id, one);
  const started = new Map<string, StartedSpan>();
  const start = (one: DeliveredSignal): StartedSpan => {
    const { signal_id: id } = one.signal;
    const known = started.get(id) ?? startSignalSpan(one);
    started.set(id, known);
    return known;
  };
  if (areSpansReceived()) for (const one of firstOf.values()) start(one);
  return {
    traceOf(signalId) {
      const one = firstOf.get(signalId);
      return one ? injectTrace(start(one).context) : {};
    },
    links: Array.from(started.values(), ({ span }) => ({ context: span.spanContext() })),
    end() {
      for (const { span } of started.values()) span.end();
    },
  };
}

interface StartedSpan {
  readonly span: Span;
  readonly context: Context;
}

function startSignalSpan({ signal, headers }: DeliveredSignal): StartedSpan {
  const parent = extractTrace(headers);
  const attributes = { ...describeSignal(signal), 'signal.type': signal.signal_type };
  const span = trace
    .getTracer('trading-platform')
    .startSpan(`process ${topics.signals.name}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  return { span, context: trace.setSpan(parent, span) };
}
