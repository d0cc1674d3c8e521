import { type Context, TraceFlags, trace } from '@opentelemetry/api';

/** An observation in a bucket of a histogram, with the span in which it was made. */
export interface Exemplar {
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Unix seconds. */
  readonly time: number;
}

/** Which observations become exemplars: those in sampled traces, in any trace, or none. */
export type ExemplarFilter = 'trace_based' | 'always_on' | 'always_off';

/**
 * Returns the observation as an exemplar; undefined if the filter refuses its trace. OpenTelemetry's SDK for JavaScript has no
 * exemplars of its own.
 * @param from the context of the observation; default is the active one
 */
export function takeExemplar(value: number, filter: ExemplarFilter, from?: Context): Exemplar | undefined {
  if (filter === 'always_off') return undefined;
  const span = (from ? trace.getSpan(from) : trace.getActiveSpan())?.spanContext();
  if (!span || (filter === 'trace_based' && !(span.traceFlags & TraceFlags.SAMPLED))) return undefined;
  return { value, traceId: span.traceId, spanId: span.spanId, time: Date.now() / 1_000 };
}
