import { buildLine, type Section } from './layout.ts';
import * as agents from './panels/agent-panels.ts';

/** Agent Performance: which agent is slow or fails, and its calls of language models. */
export const agentPerformance: readonly Section[] = [
  {
    title: 'Agents',
    lines: [buildLine(8, [agents.stageRatePanel, 12], [agents.agentBreakdownPanel, 12])],
  },
  {
    title: 'Errors',
    lines: [buildLine(8, [agents.agentFailureSharePanel, 14], [agents.failedStagesPanel, 10])],
  },
  {
    title: 'Duration',
    lines: [buildLine(8, [agents.agentDurationPanel, 24])],
  },
  {
    title: 'Models',
    lines: [
      buildLine(8, [agents.modelCallsPanel, 8], [agents.modelErrorSharePanel, 8], [agents.modelErrorsPanel, 8]),
      buildLine(8, [agents.tokensPanel, 12], [agents.tokensByAgentPanel, 12]),
    ],
  },
];
