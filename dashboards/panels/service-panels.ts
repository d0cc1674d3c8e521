/** Panels about the services: are they up, since when, and which alerts are firing? */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { alerts } from '#catalogue/alerts.ts';
import { buildStat } from '../kinds/stat.ts';
import { buildTable } from '../kinds/table.ts';
import { palette } from '../kinds/thresholds.ts';
import type { Tile } from '../kinds/tile.ts';
import { buildEqualLines, buildLine, type Section } from '../layout.ts';
import { toService, toServiceOfRow } from '../onward.ts';
import { firingAlerts, NO_TARGET, NOT_RUNNING, progressAges, serviceHealth, serviceUptime } from '../queries/health.ts';
import { activePipelinesPanel, executionSuccessPanel } from './execution-panels.ts';
import { publishSuccessPanel } from './signal-panels.ts';

function buildHealthPanel(service: string): Tile {
  return buildStat({
    title: `Health: ${service}`,
    description:
      `Whether the targets of ${service} answer their scrapes. UP: all do. PARTLY: some replicas do not. DOWN: none does. ` +
      'MISSING: Prometheus has no target of the service; look at its ServiceMonitor and its Service. The service variable ' +
      'does not narrow this panel.',
    unit: 'percentunit',
    queries: [{ ask: serviceHealth(service), legend: service }],
    steps: [
      { from: null, colour: palette.bad },
      { from: 1, colour: palette.good },
    ],
    mappings: healthMappings,
    history: true,
    whenEmpty: 'MISSING',
    onward: toService(service),
  });
}

const healthMappings: dashboard.ValueMapping[] = [
  {
    type: dashboard.MappingType.ValueToText,
    options: {
      [NO_TARGET]: { text: 'MISSING', color: palette.bad, index: 0 },
      0: { text: 'DOWN', color: palette.bad, index: 1 },
      1: { text: 'UP', color: palette.good, index: 2 },
    },
  },
  {
    type: dashboard.MappingType.RangeToText,
    options: { from: 0, to: 1, result: { text: 'PARTLY', color: palette.warning, index: 3 } },
  },
];

function buildUptimePanel(services: readonly string[]): Tile {
  return buildStat({
    title: 'Uptime',
    description:
      'Time since the youngest process of each service started. Yellow: it started within the last five minutes. A ' +
      'service that stays yellow restarts again and again.',
    unit: 's',
    decimals: 1,
    queries: services.map((service) => ({ ask: serviceUptime(service), legend: service })),
    steps: [
      { from: null, colour: palette.warning },
      { from: 300, colour: palette.good },
    ],
    mappings: [
      {
        type: dashboard.MappingType.ValueToText,
        options: { [NOT_RUNNING]: { text: 'not running', color: palette.bad, index: 0 } },
      },
    ],
    whenEmpty: 'not running',
  });
}

const progressPanel = buildStat({
  title: 'Time since last progress',
  description:
    'Time since the last bar, the last signal, the last batch of the dispatcher and the last step of an execution. ' +
    'All grow while markets are closed. If only one grows, the work stops before that stage. Yellow and red are the ' +
    'default thresholds of DispatchStopped and ExecutionsStopped.',
  unit: 's',
  decimals: 0,
  queries: Object.entries(progressAges).map(([stage, ask]) => ({ ask, legend: stage })),
  steps: [
    { from: null, colour: palette.good },
    { from: alerts.DispatchStopped.threshold, colour: palette.warning },
    { from: alerts.ExecutionsStopped.threshold, colour: palette.bad },
  ],
  whenEmpty: 'None yet',
});

const firingAlertsPanel = buildTable({
  title: 'Firing alerts',
  description:
    'Alerts of this platform that are firing, and since when their expression holds. Each alert links to its runbook.',
  unit: 'short',
  measured: { column: 'Since', unit: 'dateTimeFromNow' },
  query: { ask: firingAlerts },
  columns: {
    alertname: 'Alert',
    severity: 'Severity',
    service: 'Service',
    namespace: 'Namespace',
    pipeline_id: 'Pipeline',
    Value: 'Since',
  },
  widest: { column: 'Alert', pixels: 180 },
  coloured: {
    column: 'Severity',
    mappings: [
      {
        type: dashboard.MappingType.ValueToText,
        options: {
          critical: { color: palette.bad, index: 0 },
          warning: { color: palette.warning, index: 1 },
          info: { color: palette.amount, index: 2 },
        },
      },
    ],
  },
  whenEmpty: 'No alert is firing',
  onward: toServiceOfRow,
});

export function buildHealthSection(services: readonly string[]): Section {
  return {
    title: 'Is it up, does it work',
    lines: [
      ...buildEqualLines(4, services.map(buildHealthPanel)),
      buildLine(4, [buildUptimePanel(services), 12], [progressPanel, 12]),
      buildLine(
        8,
        [executionSuccessPanel, 4],
        [publishSuccessPanel, 4],
        [activePipelinesPanel, 3],
        [firingAlertsPanel, 13],
      ),
    ],
  };
}
