import { type Context, TraceFlags, trace } from '@opentelemetry/api';

/** One observation of a bucket, with the trace it was made in. */
export interface Exemplar {
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Unix seconds. */
  readonly time: number;
}

/** OTEL_METRICS_EXEMPLAR_FILTER: observations in sampled traces, in any trace, or none. */
export type ExemplarFilter = 'trace_based' | 'always_on' | 'always_off';

/**
 * The observation as an exemplar, if it is made in a trace that the filter lets pass. OpenTelemetry's SDK for JavaScript has none.
 * @param from the context of the observation; the active one when absent
 */
export function takeExemplar(value: number, filter: ExemplarFilter, from?: Context): Exemplar | undefined {
  if (filter === 'always_off') return undefined;
  const span = (from ? trace.getSpan(from) : trace.getActiveSpan())?.spanContext();
  if (!span || (filter === 'trace_based' && !(span.traceFlags & TraceFlags.SAMPLED))) return undefined;
  return { value, traceId: span.traceId, spanId: span.spanId, time: Date.now() / 1_000 };
}
