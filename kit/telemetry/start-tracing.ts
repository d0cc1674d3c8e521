import { context, trace } from '@opentelemetry/api';
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
import type { SamplerChoice, TelemetrySettings } from './environment.ts';

/** Starts spans. They are made whether or not anybody receives them: logs and exemplars carry their ids. */
export function startTracing(resource: Resource, settings: TelemetrySettings): TracerProvider {
  const provider = new TracerProvider({
    resource,
    sampler: createSampler(settings.sampler),
    spanProcessors: settings.otlp.TRACES
      ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...settings.spanBatches })]
      : [],
  });
  trace.setGlobalTracerProvider(provider);
  followContexts();
  return provider;
}

/** From now on what is awaited belongs to the trace in which the waiting began. */
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
