import type { EmittedBy } from '#catalogue/metrics.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { REPLAY } from '#trading/market/bar.ts';
import { generatorOf, signalTypeNames } from '#trading/signals/signal-types.gen.ts';

export type GeneratorMetrics = ReturnType<typeof createGeneratorMetrics>;

/** Creates the instruments of the service at its start, so that every metric is in the first scrape. */
export function createGeneratorMetrics(
  instruments: Instruments<EmittedBy<'signal-generator'>>,
  symbols: readonly string[],
) {
  const durations = instruments.histogram('signal_generation_duration_seconds');
  const publishing = instruments.histogram('kafka_publish_duration_seconds');
  const metrics = {
    lastBar: instruments.gauge('market_data_last_bar_timestamp_seconds'),
    lastSignal: instruments.gauge('signals_last_generated_timestamp_seconds'),
    generated: instruments.counter('signals_generated_total'),
    /** Series of the generation time. They are looked up once, because every bar is timed in every generator. */
    generation: recordOf(signalTypeNames, (signal_type) =>
      durations.series({ generator: generatorOf[signal_type], signal_type }),
    ),
    publishing: recordOf(signalTypeNames, (signal_type) => publishing.series({ signal_type })),
    published: instruments.counter('kafka_publish_success_total'),
    failures: instruments.counter('kafka_publish_failure_total'),
    open: instruments.gauge('market_open'),
    bars: instruments.counter('market_data_updates_total'),
    lag: instruments.histogram('market_data_lag_seconds').series({ source: REPLAY }),
  };
  for (const symbol of symbols) {
    // Markets are shown as open from the start, so that the alert on missing bars fires if Kafka is down at the start.
    metrics.open.set(1, { symbol });
    metrics.bars.add(0, { symbol, source: REPLAY });
  }
  return metrics;
}

function recordOf<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
