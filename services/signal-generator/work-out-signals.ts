import type { Signal } from '#catalogue/signals.ts';
import type { Generator } from './domain/generators/generator.ts';
import { REPLAY, type ReplayBar } from './domain/replay-bar.ts';
import { compileSignal, type SignalDraft } from './domain/signal-draft.ts';
import type { GeneratorMetrics } from './generator-metrics.ts';

/** Shows a bar to the generators of its symbol and gives the signals they have, timed and counted. */
export function workOutSignals(bar: ReplayBar, generators: readonly Generator[], metrics: GeneratorMetrics): Signal[] {
  return generators.flatMap((generator) => {
    const draft = update(generator, bar, metrics);
    if (!draft) return [];
    metrics.generated.add(1, { signal_type: draft.type, source: REPLAY });
    const now = Date.now();
    metrics.lastSignal.set(now / 1_000);
    return [compileSignal(draft, generator.name, bar, now)];
  });
}

function update(generator: Generator, bar: ReplayBar, metrics: GeneratorMetrics): SignalDraft | undefined {
  const labels = { generator: generator.name, signal_type: generator.awaits() };
  const began = performance.now();
  const draft = generator.update(bar);
  metrics.generation.record((performance.now() - began) / 1_000, labels);
  return draft;
}
