import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LABEL_SETS, type MetricName } from '#catalogue/metrics.ts';
import { createInstruments } from './create-instruments.ts';
import { writeFamily } from './write-family.ts';

function createAll() {
  return createInstruments<MetricName>({ labelSets: DEFAULT_LABEL_SETS, exemplarFilter: 'trace_based' });
}

describe('a histogram', () => {
  it('has a consistent sum, count and buckets in a scrape, although it is observed while it is written', async () => {
    const { instruments, collect } = createAll();
    const sizes = instruments.histogram('batch_size');
    sizes.record(3);
    const pieces = writeFamily(await collect('batch_size'), 'text');
    pieces.next();
    sizes.record(3);
    const text = [...pieces].join('');
    expect(/^batch_size_count (\d+)$/m.exec(text)?.[1]).toBe(/le="\+Inf"} (\d+)$/m.exec(text)?.[1]);
  });

  it('has one series for equal labels, looked up once or at each observation', async () => {
    const { instruments, collect } = createAll();
    const publishing = instruments.histogram('kafka_publish_duration_seconds');
    publishing.record(0.2, { signal_type: 'rsi' });
    publishing.series({ signal_type: 'rsi' }).record(0.3);
    const { samples } = await collect('kafka_publish_duration_seconds');
    expect([...samples]).toContainEqual(
      expect.objectContaining({ labels: { signal_type: 'rsi' }, count: 2, sum: 0.5 }),
    );
  });

  it('ignores NaN, and creates no series for it', async () => {
    const { instruments, collect } = createAll();
    const costs = instruments.histogram('pipeline_execution_cost_usd');
    costs.record(Number.NaN, { pipeline_id: 'never-ran' });
    costs.series({ pipeline_id: 'desk' }).record(Number.NaN);
    const { samples } = await collect('pipeline_execution_cost_usd');
    expect([...samples]).toEqual([expect.objectContaining({ labels: { pipeline_id: 'desk' }, count: 0, sum: 0 })]);
  });

  it('takes the exemplar of a series from the given context', async () => {
    const { instruments, collect } = createAll();
    const span = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    };
    instruments.histogram('batch_size').series().record(3, trace.setSpanContext(ROOT_CONTEXT, span));
    const text = [...writeFamily(await collect('batch_size'), 'openmetrics')].join('');
    expect(text).toContain(`# {trace_id="${span.traceId}",span_id="${span.spanId}"} 3 `);
  });
});
