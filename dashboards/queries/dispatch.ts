/** The dispatcher: pipelines that signals match, enqueued executions, and skipped pipelines. */
import { average, maxOf, quantile, rate, ratio, SUMMARY_WINDOW, total } from './expression.ts';

export const matchedRate = rate('pipelines_matched_total');
export const enqueuedRate = rate('pipelines_enqueued_total', { where: { status: 'enqueued' } });
export const skippedRate = rate('pipelines_skipped_running_total');

export const matchingEfficiency = ratio(
  total('pipelines_enqueued_total', SUMMARY_WINDOW, { where: { status: 'enqueued' } }),
  total('pipelines_matched_total', SUMMARY_WINDOW),
);

export const averageBatchSize = average('batch_size', SUMMARY_WINDOW);

export const batchP50 = quantile(0.5, 'batch_processing_duration_seconds');
export const batchP95 = quantile(0.95, 'batch_processing_duration_seconds');
export const batchP99 = quantile(0.99, 'batch_processing_duration_seconds');

/** Every replica of the dispatcher holds the whole index of pipelines, so the query takes the largest value. */
export const indexedPipelines = maxOf('pipeline_cache_size');
export const indexBytes = maxOf('cache_size_bytes');
export const refreshP95 = quantile(0.95, 'cache_refresh_duration_seconds');

export const consumerLag = maxOf('kafka_consumer_lag_seconds', { by: ['topic', 'partition'] });

export const committedOffset = maxOf('kafka_consumer_offset', { by: ['topic', 'partition'] });

export const enqueuedOfDay = total('pipelines_enqueued_total', '24h', { where: { status: 'enqueued' } });
