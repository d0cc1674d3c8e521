import { type TracerProvider as AnyProvider, context, trace } from '@opentelemetry/api';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { followContexts } from '#kit/telemetry/traces/start-tracing.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { createUnsentSpans } from '#kit/telemetry/traces/unsent-spans.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { type DeliveredSignal, startSignalSpans } from './signal-spans.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

function delivered(id: string, headers: DeliveredSignal['headers'] = {}): DeliveredSignal {
  const signal: Signal = {
    signal_id: id,
    signal_type: 'rsi',
    source: 'replay',
    timestamp: 1_700_000_000,
    tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 50, reasoning: 'It fell.' }],
    metadata: { timeframe: '1d', price: 1.5, indicators: {} },
  };
  return { signal, headers };
}

const batch = [
  delivered('one', { traceparent: `00-${TRACE}-b7ad6b7169203331-01` }),
  delivered('two'),
  delivered('one', { traceparent: `00-${'1'.repeat(32)}-b7ad6b7169203331-01` }),
];

function use<Provider extends AnyProvider>(provider: Provider): Provider {
  trace.setGlobalTracerProvider(provider);
  return provider;
}
afterEach(() => {
  trace.disable();
  context.disable();
});

describe('the spans of a batch of signals', () => {
  it('are one per signal, linked and ended, if spans are exported', () => {
    const exporter = new InMemorySpanExporter();
    use(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
    const spans = startSignalSpans(batch);
    spans.end();
    const ended = exporter.getFinishedSpans().map((span) => span.spanContext());
    expect(ended.map(({ traceId }) => traceId)).toEqual([TRACE, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(spans.links.map(({ context }) => context)).toEqual(ended);
    expect(spans.traceOf('one').traceparent).toBe(`00-${TRACE}-${ended[0]?.spanId}-01`);
  });

  it('are started only for the signals whose trace is requested, if spans are not exported', () => {
    const tracer = use(createUnsentSpans(new AlwaysOnSampler())).getTracer('any');
    const start = vi.spyOn(tracer, 'startSpan');
    const spans = startSignalSpans(batch);
    expect(spans.links).toEqual([]);
    const asked = spans.traceOf('one');
    expect(asked.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
    expect(spans.traceOf('one')).toEqual(asked);
    expect(spans.traceOf('three')).toEqual({});
    spans.end();
    expect(start).toHaveBeenCalledOnce();
  });

  it('each start a new trace if their messages contain none, even inside the span of a batch', async () => {
    followContexts();
    use(createUnsentSpans(new AlwaysOnSampler()));
    const spans = startSignalSpans([delivered('one'), delivered('two')]);
    const traces = await withSpan('batch', {}, () => [spans.traceOf('one'), spans.traceOf('two')]);
    const ids = traces.map(({ traceparent }) => traceparent?.split('-')[1]);
    expect(new Set(ids).size).toBe(2);
  });
});
