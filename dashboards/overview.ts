import { serviceNames } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { buildEqualLines, buildLine, type Section } from './layout.ts';
import * as dispatch from './panels/dispatch-panels.ts';
import * as executions from './panels/execution-panels.ts';
import { buildHealthPanel, buildUptimePanel, firingAlertsPanel, progressPanel } from './panels/service-panels.ts';
import * as signals from './panels/signal-panels.ts';

/** Trading Platform - System Overview: is the platform up, does it work, and if not, which stage has stopped? */
export function buildOverview(options: DashboardOptions): Section[] {
  const services = options.services.length > 0 ? options.services : serviceNames;
  return [buildHealthSection(services), ...work];
}

function buildHealthSection(services: readonly string[]): Section {
  return {
    title: 'Is it up, does it work',
    lines: [
      ...buildEqualLines(4, services.map(buildHealthPanel)),
      buildLine(4, [buildUptimePanel(services), 12], [progressPanel, 12]),
      buildLine(
        8,
        [executions.executionSuccessPanel, 4],
        [signals.publishSuccessPanel, 4],
        [executions.activePipelinesPanel, 3],
        [firingAlertsPanel, 13],
      ),
    ],
  };
}

const work: readonly Section[] = [
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
      buildLine(9, [signals.consumerLagPanel, 8], [signals.publishedConsumedPanel, 8], [executions.queueDepthPanel, 8]),
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
