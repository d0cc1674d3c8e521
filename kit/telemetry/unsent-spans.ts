import {
  type Context,
  context,
  type Span,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { RandomIdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

/**
 * Spans where nobody receives them: they have their ids, which logs carry and the next process goes on with, as the sampler
 * says. They record nothing, and cost a fraction of those that do.
 */
export function createUnsentSpans(sampler: Sampler): TracerProvider {
  const tracer = new UnsentTracer(sampler);
  return { getTracer: () => tracer };
}

class UnsentTracer implements Tracer {
  readonly #sampler: Sampler;
  readonly #ids = new RandomIdGenerator();

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  startSpan(name: string, options: SpanOptions = {}, from: Context = context.active()): Span {
    const { kind = SpanKind.INTERNAL, attributes = {}, links = [] } = options;
    const origin = options.root ? trace.deleteSpan(from) : from;
    const parent = trace.getSpanContext(origin);
    const traceId = parent?.traceId ?? this.#ids.generateTraceId();
    const { decision } = this.#sampler.shouldSample(origin, traceId, name, kind, attributes, links);
    const isSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    return trace.wrapSpanContext({
      traceId,
      spanId: this.#ids.generateSpanId(),
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      ...(parent?.traceState && { traceState: parent.traceState }),
    });
  }

  /** Options and context may be left out: the work stands last. */
  startActiveSpan<Work extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Work> {
    const work = rest.at(-1) as Work;
    const [options, from = context.active()] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, from);
    return context.with(trace.setSpan(from, span), () => work(span)) as ReturnType<Work>;
  }
}
