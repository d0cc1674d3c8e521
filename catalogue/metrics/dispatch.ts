/** Metrics of the trigger dispatcher. */
import { matchOutcomes } from '#trading/executions/execution.ts';
import { rejectReasons } from '#trading/signals/signal.ts';
import { interactive, type MetricDefinition, open } from './metric.ts';

export const dispatchMetrics = {
  signals_consumed_total: {
    type: 'counter',
    help: 'Well-formed signals consumed and stored.',
    labels: { signal_type: open },
    emittedBy: ['trigger-dispatcher'],
  },
  signals_rejected_total: {
    type: 'counter',
    help: 'Malformed messages, sent to the dead-letter topic.',
    labels: { reason: rejectReasons },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_matched_total: {
    type: 'counter',
    help: 'Pipelines matched by signals, by ticker.',
    labels: { ticker: open },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_enqueued_total: {
    type: 'counter',
    help: 'Matched pipelines enqueued, or skipped because they were running for that ticker.',
    labels: { status: matchOutcomes },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_skipped_running_total: {
    type: 'counter',
    help: 'Matched pipelines skipped because they were running for that ticker.',
    emittedBy: ['trigger-dispatcher'],
  },
  batch_size: {
    type: 'histogram',
    help: 'Signals in a batch.',
    emittedBy: ['trigger-dispatcher'],
    buckets: [1, 2, 5, 10, 15, 20, 50, 100, 200, 500],
  },
  batch_processing_duration_seconds: {
    type: 'histogram',
    help: 'Time from the end of a batch to its committed offsets.',
    emittedBy: ['trigger-dispatcher'],
    buckets: interactive,
  },
  signals_last_dispatched_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last batch was stored, enqueued and committed, unix seconds; absent before the first.',
    emittedBy: ['trigger-dispatcher'],
  },
  pipeline_cache_size: {
    type: 'gauge',
    help: 'Active pipelines in the index.',
    emittedBy: ['trigger-dispatcher'],
  },
  cache_size_bytes: {
    type: 'gauge',
    help: 'Estimated size of the index.',
    emittedBy: ['trigger-dispatcher'],
  },
  cache_refresh_duration_seconds: {
    type: 'histogram',
    help: 'Time of a full refresh of the index from Postgres.',
    emittedBy: ['trigger-dispatcher'],
    buckets: interactive,
  },
  kafka_consumer_lag_seconds: {
    type: 'gauge',
    help: 'Age of the oldest unconsumed message; 0 when caught up.',
    labels: { topic: open, partition: open },
    emittedBy: ['trigger-dispatcher'],
  },
  kafka_consumer_offset: {
    type: 'gauge',
    help: 'Next offset to consume, as committed.',
    labels: { topic: open, partition: open },
    emittedBy: ['trigger-dispatcher'],
  },
} as const satisfies Record<string, MetricDefinition>;
