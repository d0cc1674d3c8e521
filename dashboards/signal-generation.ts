import { buildLine, type Section } from './layout.ts';
import * as market from './panels/market-panels.ts';
import { buildBudgetPanel, buildBurnPanel } from './panels/objective-panels.ts';
import * as signals from './panels/signal-panels.ts';

/** Signal Generation: market data, the signals generated from it, and their publication to Kafka. */
export const signalGeneration: readonly Section[] = [
  {
    title: 'Signals',
    lines: [
      buildLine(
        8,
        [signals.signalsByTypePanel, 8],
        [signals.signalsBySourcePanel, 6],
        [signals.generationTimelinePanel, 10],
      ),
    ],
  },
  {
    title: 'Market data, of which they are made',
    lines: [buildLine(8, [market.marketsOpenPanel, 4], [market.marketUpdatesPanel, 10], [market.marketLagPanel, 10])],
  },
  {
    title: 'Errors on the way to Kafka',
    lines: [
      buildLine(
        8,
        [signals.publishSuccessPanel, 5],
        [signals.publishErrorsPanel, 11],
        [[signals.publishFailuresPanel, buildBudgetPanel(['publish-success'])], 8],
      ),
      buildLine(8, [buildBurnPanel(['publish-success']), 12], [signals.publishedConsumedPanel, 12]),
    ],
  },
  {
    title: 'Duration',
    lines: [buildLine(9, [signals.generationDurationPanel, 12], [signals.publishHeatmapPanel, 12])],
  },
];
