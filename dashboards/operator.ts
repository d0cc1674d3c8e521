import { buildLine, type Section } from './layout.ts';
import * as panels from './panels/operator-panels.ts';

/** Operator: does it run, and does it keep up with the changes of TradingPipelines? */
export const operator: readonly Section[] = [
  {
    title: 'Is it there, is all ready',
    lines: [
      buildLine(
        6,
        [panels.replicasPanel, 3],
        [panels.leadersPanel, 3],
        [panels.readinessPanel, 6],
        [panels.conflictsPanel, 6],
        [panels.driftPanel, 6],
      ),
    ],
  },
  {
    title: 'Work',
    lines: [buildLine(8, [panels.reconcilesPanel, 8], [panels.operatorQueuePanel, 8], [panels.driftTimelinePanel, 8])],
  },
  {
    title: 'Errors',
    lines: [buildLine(8, [panels.reconcileErrorsPanel, 8], [panels.retriesPanel, 8], [panels.apiErrorsPanel, 8])],
  },
  {
    title: 'Duration',
    lines: [
      buildLine(
        9,
        [panels.reconcileDurationPanel, 8],
        [panels.reconcileHeatmapPanel, 8],
        [panels.queueLatencyPanel, 8],
      ),
    ],
  },
  {
    title: 'The API server and Prometheus',
    lines: [buildLine(8, [panels.apiRequestsPanel, 8], [panels.watchAgePanel, 8], [panels.prometheusPollsPanel, 8])],
  },
];
