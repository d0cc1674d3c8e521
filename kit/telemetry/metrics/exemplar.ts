import { type Context, TraceFlags, trace } from '@opentelemetry/api';

/** An observation in a bucket of a histogram, with the span in which it was made. */
export interface Exemplar {
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Unix seconds. */
  readonly time: number;
}

/**
 * Which observations become exemplars. `trace_based`: observations in sampled traces. `always_on`: observations in any
 * trace. `always_off`: none.
 */
export type ExemplarFilter = 'trace_based' | 'always_on' | 'always_off';

/**
 * Returns the observation as an exemplar, or undefined if the filter excludes its trace. Written here because
 * OpenTelemetry's SDK for JavaScript does not support exemplars.
 * @param from the trace context of the observation; default: the active context
 */
export function takeExemplar(value: number, filter: ExemplarFilter, from?: Context): Exemplar | undefined {
  if (filter === 'always_off') return undefined;
  const span = (from ? trace.getSpan(from) : trace.getActiveSpan())?.spanContext();
  if (!span || (filter === 'trace_based' && !(span.traceFlags & TraceFlags.SAMPLED))) return undefined;
  return { value, traceId: span.traceId, spanId: span.spanId, time: Date.now() / 1_000 };
}
