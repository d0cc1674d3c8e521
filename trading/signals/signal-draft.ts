import { createHash } from 'node:crypto';
import type { ClosedBar } from '../market/bar.ts';
import type { Direction, Signal, SignalType } from './signal.ts';

/** What a generator has to say about a bar. */
export interface SignalDraft {
  readonly type: SignalType;
  readonly direction: Exclude<Direction, 'NEUTRAL'>;
  /** 0 to 100. */
  readonly confidence: number;
  /** A sentence for people, with its numbers. */
  readonly reasoning: string;
  /** The values it was read from. */
  readonly indicators: Readonly<Record<string, number>>;
}

/**
 * The signal on the wire.
 * @param generator name of the generator that drafted it
 * @param now milliseconds since the epoch
 */
export function compileSignal(draft: SignalDraft, generator: string, bar: ClosedBar, now: number): Signal {
  const { type, direction, confidence, reasoning, indicators } = draft;
  return {
    signal_id: signalId(generator, bar, type),
    signal_type: type,
    source: bar.source,
    timestamp: now / 1_000,
    tickers: [{ ticker: bar.symbol, signal: direction, confidence, reasoning }],
    metadata: { timeframe: bar.timeframe, price: bar.close, bar_time: bar.open_time, indicators: roundAll(indicators) },
  };
}

/** The same signal, made again after a crash, has the same id. */
function signalId(generator: string, bar: ClosedBar, type: SignalType): string {
  const identity = [generator, bar.symbol, bar.timeframe, bar.open_time, type].join('|');
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

function roundAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(8))]));
}
