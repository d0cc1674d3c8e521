import type { ClosedBar } from '../market/bar.ts';
import type { SignalType } from '../signals/signal.ts';
import type { SignalDraft } from '../signals/signal-draft.ts';

export const generatorNames = ['moving-average-cross', 'rsi', 'macd', 'bollinger'] as const;
export type GeneratorName = (typeof generatorNames)[number];

/**
 * Watches the bars of one symbol, one after the other, and says when something happens. It keeps what it needs of the
 * bars before, and nothing else: the same bars give the same signals.
 */
export interface Generator {
  readonly name: GeneratorName;
  /** The type of signal the next bar could bring. */
  awaits(): SignalType;
  /** Takes the next bar; gives a draft on the bar where the event happens, and only there. */
  update(bar: ClosedBar): SignalDraft | undefined;
}
