import { type Link, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { topics } from '#catalogue/topics.ts';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import { areSpansReceived } from '#kit/telemetry/traces/start-tracing.ts';
import { describeMessage, extractTrace, injectTrace, type TraceHeaders } from '#kit/telemetry/traces/tracing.ts';
import type { Signal } from '#trading/signals/signal.ts';

/** One span per signal of a batch, in the signal's own trace. The signal's executions continue this trace. */
interface SignalSpans {
  /** Returns the trace context for the executions of a signal. */
  traceOf(signalId: string): TraceHeaders;
  /**
   * Links from the span of the batch to the signals' traces. The span of the batch itself belongs to none of these
   * traces.
   */
  readonly links: readonly Link[];
  end(): void;
}

export interface DeliveredSignal {
  readonly signal: Signal;
  /** Headers of the message that contained the signal. */
  readonly headers: IncomingMessage['headers'];
}

/**
 * Starts the spans of a batch. If spans are not exported, the span of a signal is started only when `traceOf` is called
 * for it, because most signals start no execution.
 */
export function startSignalSpans(delivered: readonly DeliveredSignal[]): SignalSpans {
  const firstOf = new Map<string, DeliveredSignal>();
  for (const one of delivered) if (!firstOf.has(one.signal.signal_id)) firstOf.set(one.signal.signal_id, one);
  const started = new Map<string, StartedSpan>();
  const traceOf = (signalId: string): TraceHeaders => {
    const known = started.get(signalId);
    if (known) return known.trace;
    const first = firstOf.get(signalId);
    if (!first) return {};
    const own = startSignalSpan(first);
    started.set(signalId, own);
    return own.trace;
  };
  if (areSpansReceived()) for (const signalId of firstOf.keys()) traceOf(signalId);
  return {
    traceOf,
    links: Array.from(started.values(), ({ span }) => ({ context: span.spanContext() })),
    end() {
      for (const { span } of started.values()) span.end();
    },
  };
}

interface StartedSpan {
  readonly span: Span;
  readonly trace: TraceHeaders;
}

function startSignalSpan({ signal, headers }: DeliveredSignal): StartedSpan {
  const { signal_id: id, signal_type } = signal;
  const destination = topics.signals.name;
  const message = describeMessage({ system: 'kafka', operation: 'process', destination, id });
  const options = { kind: SpanKind.CONSUMER, attributes: { ...message, 'signal.type': signal_type } };
  // The parent is the trace in the message's headers, never the active span of the batch.
  const parent = extractTrace(headers, ROOT_CONTEXT);
  const span = trace.getTracer('trading-platform').startSpan(`process ${destination}`, options, parent);
  return { span, trace: injectTrace(trace.setSpan(parent, span)) };
}
