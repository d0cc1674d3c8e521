import { buildLine, type Section } from './layout.ts';
import * as api from './panels/api-panels.ts';
import { executionsByTriggerPanel } from './panels/execution-panels.ts';
import { buildBudgetPanel, buildBurnPanel } from './panels/objective-panels.ts';

/** User Activity: what users do, and how fast and how reliably the API responds. */
export const userActivity: readonly Section[] = [
  {
    title: 'Actions',
    lines: [buildLine(8, [api.actionsPanel, 8], [api.actionTimelinePanel, 8], [executionsByTriggerPanel, 8])],
  },
  {
    title: 'Requests',
    lines: [buildLine(9, [api.requestsPanel, 12], [api.requestsByStatusPanel, 8], [api.activeRequestsPanel, 4])],
  },
  {
    title: 'Errors',
    lines: [
      buildLine(
        8,
        [api.errorRatePanel, 7],
        [api.failedActionsPanel, 5],
        [buildBudgetPanel(['api-availability']), 4],
        [buildBurnPanel(['api-availability']), 8],
      ),
    ],
  },
  {
    title: 'Duration and size',
    lines: [buildLine(8, [api.requestDurationPanel, 8], [api.slowestRoutesPanel, 8], [api.sizePanel, 8])],
  },
];
