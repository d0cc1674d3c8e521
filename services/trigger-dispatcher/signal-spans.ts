import { type Attributes, type Link, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Signal } from '#catalogue/signals.ts';
import { topics } from '#catalogue/topics.ts';
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

export function startSignalSpans(delivered: readonly DeliveredSignal[]): SignalSpans {
  const spans = new Map<string, Span>();
  const traces = new Map<string, TraceHeaders>();
  for (const { signal, headers } of delivered) {
    if (spans.has(signal.signal_id)) continue;
    const parent = extractTrace(headers);
    const attributes = { ...describeSignal(signal), 'signal.type': signal.signal_type };
    const span = trace
      .getTracer('trading-platform')
      .startSpan(`process ${topics.signals.name}`, { kind: SpanKind.CONSUMER, attributes }, parent);
    spans.set(signal.signal_id, span);
    traces.set(signal.signal_id, injectTrace(trace.setSpan(parent, span)));
  }
  return {
    traceOf: (signalId) => traces.get(signalId) ?? {},
    links: [...spans.values()].map((span) => ({ context: span.spanContext() })),
    end() {
      for (const span of spans.values()) span.end();
    },
  };
}
