import type { Generator } from '#trading/generators/generator.ts';
import type { ClosedBar } from '#trading/market/bar.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { compileSignal } from '#trading/signals/signal-draft.ts';
import { REPLAY } from './domain/replay-bar.ts';
import type { GeneratorMetrics } from './generator-metrics.ts';

/**
 * Shows a bar to the generators of its symbol and gives the signals they have, timed and counted. Reading the clock takes a
 * part of what a generator does: where one ends the next begins.
 */
export function workOutSignals(bar: ClosedBar, generators: readonly Generator[], metrics: GeneratorMetrics): Signal[] {
  const signals: Signal[] = [];
  let began = performance.now();
  for (const generator of generators) {
    const duration = metrics.generation[generator.name][generator.awaits()];
    const draft = generator.update(bar);
    const ended = performance.now();
    duration.record((ended - began) / 1_000);
    began = ended;
    if (!draft) continue;
    metrics.generated.add(1, { signal_type: draft.type, source: REPLAY });
    const now = Date.now();
    metrics.lastSignal.set(now / 1_000);
    signals.push(compileSignal(draft, generator.name, bar, now));
    began = performance.now();
  }
  return signals;
}
