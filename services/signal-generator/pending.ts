import type { Signal } from '#catalogue/signals.ts';
import type { ReplayBar } from './domain/replay-bar.ts';

/** What was taken from the tapes and is not published yet. */
export interface Pending {
  rounds: number;
  bars: { readonly bar: ReplayBar; readonly dueAt: number }[];
  signals: Signal[];
}
