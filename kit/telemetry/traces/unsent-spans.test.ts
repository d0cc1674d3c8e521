import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { followContexts } from './start-tracing.ts';
import { createUnsentSpans } from './unsent-spans.ts';

followContexts();
const parent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
};
const inParent = trace.setSpanContext(ROOT_CONTEXT, parent);
const tracerOf = (sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() })) =>
  createUnsentSpans(sampler).getTracer('test');

describe('spans of a process that sends no traces', () => {
  it('continue the trace of their parent, with an id of their own', () => {
    const { traceId, spanId, traceFlags } = tracerOf().startSpan('process', {}, inParent).spanContext();
    expect({ traceId, traceFlags }).toEqual({ traceId: parent.traceId, traceFlags: TraceFlags.SAMPLED });
    expect(spanId).toMatch(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/);
  });

  it('begin a new trace without a parent, or as a root', () => {
    const traces = [tracerOf().startSpan('a', {}, ROOT_CONTEXT), tracerOf().startSpan('b', { root: true }, inParent)];
    const ids = traces.map((span) => span.spanContext().traceId);
    expect(new Set([...ids, parent.traceId]).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('are the same span as the span around them', () => {
    const tracer = tracerOf();
    const ids = tracer.startActiveSpan('job', {}, inParent, (job) => {
      const active = tracer.startActiveSpan('stage', () => trace.getSpan(context.active())?.spanContext());
      return [job.spanContext(), tracer.startSpan('query').spanContext(), active];
    });
    expect(new Set(ids).size).toBe(1);
  });

  it('carry the decision of the sampler to the next process', () => {
    const unsampled = trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: TraceFlags.NONE });
    const flagsOf = (span: ReturnType<ReturnType<typeof tracerOf>['startSpan']>) => span.spanContext().traceFlags;
    expect(flagsOf(tracerOf().startSpan('a', {}, ROOT_CONTEXT))).toBe(TraceFlags.SAMPLED);
    expect(flagsOf(tracerOf().startSpan('a', {}, unsampled))).toBe(TraceFlags.NONE);
    expect(flagsOf(tracerOf(new AlwaysOffSampler() as never).startSpan('a', {}, inParent))).toBe(TraceFlags.NONE);
  });

  it('record nothing', () => {
    expect(tracerOf().startSpan('a').isRecording()).toBe(false);
  });

  it('are active while their work runs, with or without options', () => {
    const active = () => trace.getSpan(context.active())?.spanContext();
    const plain = tracerOf().startActiveSpan('a', (span) => [span.spanContext(), active()]);
    expect(plain[0]).toEqual(plain[1]);
    const inTrace = tracerOf().startActiveSpan('a', {}, inParent, () => active()?.traceId);
    expect(inTrace).toBe(parent.traceId);
    expect(active()).toBeUndefined();
  });
});
