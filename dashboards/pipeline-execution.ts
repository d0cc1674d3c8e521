import { buildLine, type Section } from './layout.ts';
import { agentBreakdownPanel } from './panels/agent-panels.ts';
import * as executions from './panels/execution-panels.ts';
import { buildBudgetPanel, buildBurnPanel } from './panels/objective-panels.ts';

const kept = ['pipeline-success', 'pipeline-latency'] as const;

/** Pipeline Execution: which pipelines run, fail, are slow, and cost much. */
export const pipelineExecution: readonly Section[] = [
  {
    title: 'Objectives',
    lines: [
      buildLine(
        8,
        [executions.executionSuccessPanel, 5],
        [buildBudgetPanel(kept), 6],
        [buildBurnPanel(kept), 9],
        [executions.activePipelinesPanel, 4],
      ),
    ],
  },
  {
    title: 'Executions',
    lines: [buildLine(8, [executions.executionsByStatusPanel, 12], [executions.executionsByTriggerPanel, 12])],
  },
  {
    title: 'Errors',
    lines: [buildLine(8, [executions.failingPipelinesTable, 12], [executions.jobRatePanel, 12])],
  },
  {
    title: 'Duration',
    lines: [
      buildLine(9, [executions.executionDurationPanel, 12], [executions.executionHeatmapPanel, 12]),
      buildLine(8, [executions.slowestPipelinesTable, 12], [agentBreakdownPanel, 12]),
    ],
  },
  {
    title: 'Cost and queue',
    lines: [buildLine(9, [executions.costScatterPanel, 12], [executions.queueDepthPanel, 12])],
  },
];
