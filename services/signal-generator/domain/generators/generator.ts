import type { LabelsOf } from '#catalogue/metrics.ts';
import type { SignalType } from '#catalogue/signals.ts';
import type { ReplayBar } from '../replay-bar.ts';
import type { SignalDraft } from '../signal-draft.ts';

export type GeneratorName = LabelsOf<'signal_generation_duration_seconds'>['generator'];

/**
 * Watches the bars of one symbol, one after the other, and says when something happens. It keeps what it needs of the
 * bars before, and nothing else: the same bars give the same signals.
 */
export interface Generator {
  readonly name: GeneratorName;
  /** The type of signal the next bar could bring. */
  awaits(): SignalType;
  /** Takes the next bar; gives a draft on the bar where the event happens, and only there. */
  update(bar: ReplayBar): SignalDraft | undefined;
}
