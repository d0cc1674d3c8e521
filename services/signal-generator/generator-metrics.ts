import type { EmittedBy } from '#catalogue/metrics.ts';
import type { Instruments } from '#kit/telemetry/instruments.ts';
import { REPLAY } from './domain/replay-bar.ts';

/** The instruments of the generator, made at its start, so that each is there from the first scrape. */
export type GeneratorMetrics = ReturnType<typeof createGeneratorMetrics>;

export function createGeneratorMetrics(
  instruments: Instruments<EmittedBy<'signal-generator'>>,
  symbols: readonly string[],
) {
  const metrics = {
    lastBar: instruments.gauge('market_data_last_bar_timestamp_seconds'),
    lastSignal: instruments.gauge('signals_last_generated_timestamp_seconds'),
    generated: instruments.counter('signals_generated_total'),
    generation: instruments.histogram('signal_generation_duration_seconds'),
    publishing: instruments.histogram('kafka_publish_duration_seconds'),
    published: instruments.counter('kafka_publish_success_total'),
    failures: instruments.counter('kafka_publish_failure_total'),
    open: instruments.gauge('market_open'),
    bars: instruments.counter('market_data_updates_total'),
    lag: instruments.histogram('market_data_lag_seconds'),
  };
  for (const symbol of symbols) {
    // Open from the start: while Kafka is away bars are due, and nothing comes.
    metrics.open.set(1, { symbol });
    metrics.bars.add(0, { symbol, source: REPLAY });
  }
  return metrics;
}
