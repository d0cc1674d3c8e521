import type { DashboardName } from '#catalogue/dashboards.ts';
import { serviceNames } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { buildLine, type Section } from './layout.ts';
import * as agents from './panels/agent-panels.ts';
import * as api from './panels/api-panels.ts';
import * as cost from './panels/cost-panels.ts';
import * as dispatch from './panels/dispatch-panels.ts';
import * as executions from './panels/execution-panels.ts';
import * as jobs from './panels/job-panels.ts';
import * as market from './panels/market-panels.ts';
import * as operator from './panels/operator-panels.ts';
import { processSection } from './panels/process-panels.ts';
import { buildHealthSection } from './panels/service-panels.ts';
import * as signals from './panels/signal-panels.ts';
import * as stores from './panels/store-panels.ts';
import * as trading from './panels/trading-panels.ts';

/**
 * Sections of the System Overview that follow a signal through the platform, and so put panels of several subjects side
 * by side.
 */
const alongTheWay: readonly Section[] = [
  {
    title: 'Traffic: signals and executions',
    lines: [buildLine(9, [signals.signalRatePanel, 12], [executions.executionRatePanel, 12])],
  },
  {
    title: 'Errors',
    lines: [
      buildLine(
        8,
        [signals.failureSharePanel, 10],
        [executions.failingPipelinesPanel, 8],
        [[signals.publishFailuresPanel, signals.deadLettersPanel], 6],
      ),
    ],
  },
  {
    title: 'Duration',
    lines: [buildLine(9, [executions.executionDurationPanel, 12], [executions.executionHeatmapPanel, 12])],
  },
  {
    title: 'From signal to worker: Kafka, dispatcher, job queue',
    lines: [
      buildLine(8, [dispatch.matchedPanel, 16], [[dispatch.efficiencyPanel, dispatch.batchSizePanel], 8]),
      buildLine(9, [dispatch.consumerLagPanel, 8], [signals.publishedConsumedPanel, 8], [jobs.queueDepthPanel, 8]),
    ],
  },
  {
    title: 'Last 24 hours',
    lines: [
      buildLine(
        5,
        [executions.executionsOfDayPanel, 8],
        [signals.signalsOfDayPanel, 8],
        [dispatch.enqueuedOfDayPanel, 8],
      ),
    ],
  },
];

/**
 * The sections of each dashboard, from top to bottom. A section is defined at the end of the file that defines its
 * panels, so that a new panel changes only that file.
 */
export const sectionsOf: Readonly<Record<DashboardName, (options: DashboardOptions) => readonly Section[]>> = {
  overview: ({ services }) => [buildHealthSection(services.length > 0 ? services : serviceNames), ...alongTheWay],
  signals: () => [
    signals.signalsSection,
    market.marketSection,
    signals.publishErrorsSection,
    signals.signalDurationSection,
  ],
  pipelines: () => [
    executions.executionObjectivesSection,
    executions.executionsSection,
    executions.executionErrorsSection,
    executions.executionDurationSection,
    executions.executionCostSection,
  ],
  infrastructure: () => [
    processSection,
    stores.postgresSection,
    { title: 'Redis and the job queue', lines: [stores.redisLine, jobs.jobLine] },
    dispatch.dispatcherSection,
  ],
  trading: () => [trading.tradingNowSection, trading.portfolioSection, trading.botsSection, market.listenersSection],
  agents: () => [agents.agentsSection, agents.agentErrorsSection, agents.agentDurationSection, agents.modelsSection],
  cost: () => [cost.costNowSection, cost.costOverTimeSection, cost.costSharesSection, cost.budgetsSection],
  users: () => [api.actionsSection, api.requestsSection, api.requestErrorsSection, api.requestDurationSection],
  operator: () => [
    operator.operatorStateSection,
    operator.operatorWorkSection,
    operator.operatorErrorsSection,
    operator.operatorDurationSection,
    operator.operatorRequestsSection,
  ],
};
