import type { Signal } from '#trading/signals/signal.ts';
import { publishSignals } from './publish-signals.ts';

/** Signals of so many types, from a number on: as of a generator that writes an id into the type. No pipeline wants them. */
export async function inventSignalTypes(kafka: string, count: number, from = 0): Promise<void> {
  const types = Array.from({ length: count }, (_, index) => `invented-${from + index}`);
  await publishSignals(kafka, types.map(buildSignal));
}

function buildSignal(type: string): string {
  const signal: Signal = {
    signal_id: `${type}-${Date.now()}`,
    signal_type: type,
    source: 'scenario',
    timestamp: Date.now() / 1_000,
    tickers: [{ ticker: 'GOOG', signal: 'NEUTRAL', confidence: 1, reasoning: 'the scenario says so' }],
    metadata: { timeframe: '1d' },
  };
  return JSON.stringify(signal);
}
