import type { Signal } from '#catalogue/signals.ts';
import type { Generator } from './domain/generators/generator.ts';
import { REPLAY, type ReplayBar } from './domain/replay-bar.ts';
import { compileSignal } from './domain/signal-draft.ts';
import type { GeneratorMetrics } from './generator-metrics.ts';

/**
 * Shows a bar to the generators of its symbol and gives the signals they have, timed and counted. Reading the clock takes a
 * part of what a generator does: where one ends the next begins.
 */
export function workOutSignals(bar: ReplayBar, generators: readonly Generator[], metrics: GeneratorMetrics): Signal[] {
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
