/** Metrics of signals and of their publication to Kafka. */
import { signalSourceOf, signalSources } from '#trading/signals/signal-source.ts';
import { generatorNames, generatorOf, signalTypeNames } from '#trading/signals/signal-types.gen.ts';
import { fast, type MetricDefinition, open } from './metric.ts';

export const signalMetrics = {
  signals_generated_total: {
    type: 'counter',
    help: 'Signals generated, by type and generator. The source of the market data is on the metrics market_data_*.',
    labels: { signal_type: signalTypeNames, source: signalSources },
    combinations: signalTypeNames.map((signal_type) => ({ signal_type, source: signalSourceOf(signal_type) })),
    emittedBy: ['signal-generator'],
  },
  signal_generation_duration_seconds: {
    type: 'histogram',
    help: 'Time a generator takes for one bar, by the type of signal it looks for.',
    labels: { generator: generatorNames, signal_type: signalTypeNames },
    combinations: signalTypeNames.map((signal_type) => ({ generator: generatorOf[signal_type], signal_type })),
    emittedBy: ['signal-generator'],
    buckets: [0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.0001, 0.001, 0.01, 0.1, 1],
  },
  kafka_publish_duration_seconds: {
    type: 'histogram',
    help: 'Time until all in-sync replicas have a signal.',
    labels: { signal_type: signalTypeNames },
    emittedBy: ['signal-generator'],
    buckets: fast,
  },
  kafka_publish_success_total: {
    type: 'counter',
    help: 'Signals acknowledged by all in-sync replicas.',
    labels: { signal_type: signalTypeNames },
    emittedBy: ['signal-generator'],
  },
  kafka_publish_failure_total: {
    type: 'counter',
    help: 'Failed attempts to publish a signal; it is tried again, in order.',
    labels: { signal_type: signalTypeNames, error_type: ['timeout', 'connection', 'broker', 'other'] },
    emittedBy: ['signal-generator'],
  },
  market_open: {
    type: 'gauge',
    help: '1 while the market of a symbol is open, so that bars and signals are due; 0 while it is closed.',
    labels: { symbol: open },
    emittedBy: ['signal-generator'],
  },
  signals_last_generated_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last signal was generated, unix seconds; absent before the first.',
    emittedBy: ['signal-generator'],
  },
} as const satisfies Record<string, MetricDefinition>;
