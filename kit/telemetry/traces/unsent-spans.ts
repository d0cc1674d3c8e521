import {
  type Context,
  context,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { RandomIdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

/**
 * Creates the tracer of a process that sends no traces. Its spans record nothing, but they have ids for the log and for
 * the next process. The ids are generated when they are first read, and the sampler sets the sampled flag. Starting a
 * span inside another span returns the outer span, so a process has one span per trace.
 */
export function createUnsentSpans(sampler: Sampler): TracerProvider {
  const tracer = new UnsentTracer(sampler);
  return { getTracer: () => tracer };
}

const ids = new RandomIdGenerator();

class UnsentTracer implements Tracer {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  startSpan(name: string, options: SpanOptions = {}, from: Context = context.active()): Span {
    const origin = options.root ? trace.deleteSpan(from) : from;
    const outer = trace.getSpan(origin);
    return outer instanceof UnsentSpan ? outer : new UnsentSpan(this.#sampler, name, options, origin);
  }

  /**
   * OpenTelemetry overloads this method: options and context may be left out, and the function to run is the last
   * argument.
   */
  startActiveSpan<Work extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Work> {
    const work = rest.at(-1) as Work;
    const [options, from = context.active()] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, from);
    const within = trace.getSpan(from) === span ? from : trace.setSpan(from, span);
    const run = () => work(span) as ReturnType<Work>;
    return within === context.active() ? run() : context.with(within, run);
  }
}

class UnsentSpan implements Span {
  readonly #sampler: Sampler;
  readonly #name: string;
  readonly #options: SpanOptions;
  readonly #origin: Context;
  #context: SpanContext | undefined;

  constructor(sampler: Sampler, name: string, options: SpanOptions, origin: Context) {
    this.#sampler = sampler;
    this.#name = name;
    this.#options = options;
    this.#origin = origin;
  }

  spanContext(): SpanContext {
    this.#context ??= this.#createContext();
    return this.#context;
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {}

  end(): void {}

  #createContext(): SpanContext {
    const { kind = SpanKind.INTERNAL, attributes = {}, links = [] } = this.#options;
    const parent = trace.getSpanContext(this.#origin);
    const traceId = parent?.traceId ?? ids.generateTraceId();
    const { decision } = this.#sampler.shouldSample(this.#origin, traceId, this.#name, kind, attributes, links);
    const isSampled = decision === SamplingDecision.RECORD_AND_SAMPLED;
    return {
      traceId,
      spanId: ids.generateSpanId(),
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      ...(parent?.traceState && { traceState: parent.traceState }),
    };
  }
}
