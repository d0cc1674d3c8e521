import type { EmittedBy } from '#catalogue/metrics.ts';
import type { PartitionProgress } from '#kit/kafka/partition-progress.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { PipelineIndex } from '#trading/matching/pipeline-index.ts';
import { signalTypeNames } from '#trading/signals/signal-types.gen.ts';

export type DispatcherMetrics = ReturnType<typeof createDispatcherMetrics>;

/** Creates the instruments of the service at its start, so that every metric is in the first scrape. */
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

/**
 * Registers the metrics that are read at each scrape: the size of the pipeline index, and the offsets and the lag of
 * the Kafka consumer.
 * @param progress returns an empty list until the consumer has joined its group
 */
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
