import type { EmittedBy } from '#catalogue/metrics.ts';
import type { PartitionProgress } from '#kit/kafka/consume-batches.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { PipelineIndex } from '#trading/pipelines/pipeline-index.ts';
import { signalTypeNames } from '#trading/signals/signal.ts';
import type { StoredBatch } from './store-batch.ts';

/** The instruments of the dispatcher, made at its start, so that each is there from the first scrape. */
export type DispatcherMetrics = ReturnType<typeof createDispatcherMetrics>;

export function createDispatcherMetrics(instruments: Instruments<EmittedBy<'trigger-dispatcher'>>) {
  const metrics = {
    lastDispatch: instruments.gauge('signals_last_dispatched_timestamp_seconds'),
    consumed: instruments.counter('signals_consumed_total'),
    rejected: instruments.counter('signals_rejected_total'),
    matched: instruments.counter('pipelines_matched_total'),
    enqueued: instruments.counter('pipelines_enqueued_total'),
    skipped: instruments.counter('pipelines_skipped_running_total'),
    batchSize: instruments.histogram('batch_size'),
    batchDuration: instruments.histogram('batch_processing_duration_seconds'),
    refresh: instruments.histogram('cache_refresh_duration_seconds'),
  };
  for (const signal_type of signalTypeNames) metrics.consumed.add(0, { signal_type });
  return metrics;
}

/** What is read at each scrape: the index, and where the consumer stands once it has joined. */
export function observeDispatcher(
  instruments: Instruments<EmittedBy<'trigger-dispatcher'>>,
  index: PipelineIndex,
  progress: () => PartitionProgress[],
): void {
  instruments.observeGauge('pipeline_cache_size', (observe) => observe(index.size));
  instruments.observeGauge('cache_size_bytes', (observe) => observe(index.estimatedBytes));
  instruments.observeGauge('kafka_consumer_offset', (observe) => {
    for (const { topic, partition, committed } of progress()) {
      observe(Number(committed), { topic, partition: String(partition) });
    }
  });
  instruments.observeGauge('kafka_consumer_lag_seconds', (observe) => {
    for (const { topic, partition, lagSeconds } of progress()) {
      observe(lagSeconds, { topic, partition: String(partition) });
    }
  });
}

/** Counts what a batch stored, once, after its commit. Duplicates were counted when they were stored. */
export function countStored({ stored, executions }: StoredBatch, metrics: DispatcherMetrics): void {
  for (const { signal_type } of stored) metrics.consumed.add(1, { signal_type });
  for (const { ticker, status } of executions) {
    metrics.matched.add(1, { ticker });
    metrics.enqueued.add(1, { status });
    if (status === 'skipped') metrics.skipped.add(1);
  }
}
