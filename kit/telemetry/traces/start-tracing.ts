import { context, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SamplerChoice, TelemetrySettings } from '../export/environment.ts';
import { createUnsentSpans } from './unsent-spans.ts';

/**
 * Installs the global tracer and returns a function that sends the remaining spans and stops tracing. If traces are not
 * sent, spans have ids but record nothing.
 */
export function startTracing(resource: Resource, settings: TelemetrySettings): () => Promise<void> {
  followContexts();
  const sampler = createSampler(settings.sampler);
  if (!settings.otlp.TRACES) {
    trace.setGlobalTracerProvider(createUnsentSpans(sampler));
    return async () => undefined;
  }
  const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...settings.spanBatches });
  const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}

/** Returns whether spans are sent. If not, code on a hot path need not start spans. */
export function areSpansReceived(): boolean {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider && provider.getDelegate() instanceof TracerProvider;
}

/** Makes the active trace context follow asynchronous calls, from now on. */
export function followContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

function createSampler({ name, ratio }: SamplerChoice): Sampler {
  const [, parentBased, root] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const sampler = createRootSampler(root ?? '', ratio);
  return parentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}

function createRootSampler(name: string, ratio: number): Sampler {
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio);
  return name === 'always_off' ? new AlwaysOffSampler() : new AlwaysOnSampler();
}
