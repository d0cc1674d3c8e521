import type { ClosedBar } from '#trading/market/bar.ts';
import type { Signal } from '#trading/signals/signal.ts';

/** What was taken from the tapes and is not published yet. */
export interface Pending {
  rounds: number;
  bars: { readonly bar: ClosedBar; readonly dueAt: number }[];
  signals: Signal[];
}
