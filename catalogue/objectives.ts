import type { Severity } from './alerts.ts';
import type { DashboardName } from './dashboards.ts';
import type { MetricName } from './metrics.ts';
import type { ServiceName } from './services.ts';

/**
 * Service level objectives the platform's users expect. Their rules (multi-window, multi-burn-rate) follow the
 * Google SRE workbook, chapter 5.
 */
export interface ObjectiveDefinition {
  /** Share of events that must be good, 0 to 1. */
  readonly target: number;
  /** As a Prometheus duration. */
  readonly window: ObjectiveWindow;
  /** The service to look at first: becomes the label `service` of its alerts. */
  readonly service: ServiceName;
  readonly indicator:
    | { readonly kind: 'ratio'; readonly good: Selector; readonly total: readonly Selector[] }
    | { readonly kind: 'errors'; readonly bad: Selector; readonly total: readonly Selector[] }
    | { readonly kind: 'latency'; readonly histogram: MetricName; readonly belowSeconds: number };
}
/** Over which an objective can be promised. */
export const objectiveWindows = ['7d', '28d', '30d', '90d'] as const;
export type ObjectiveWindow = (typeof objectiveWindows)[number];

export interface Selector {
  readonly metric: MetricName;
  /** Series suffix of a histogram. */
  readonly suffix?: '_count';
  readonly matchers?: string;
}

export const objectives = {
  'pipeline-success': {
    target: 0.95,
    window: '30d',
    service: 'celery-worker',
    indicator: {
      kind: 'ratio',
      good: { metric: 'pipeline_executions_total', matchers: 'status="success"' },
      total: [{ metric: 'pipeline_executions_total' }],
    },
  },
  'pipeline-latency': {
    target: 0.95,
    window: '30d',
    service: 'celery-worker',
    indicator: { kind: 'latency', histogram: 'pipeline_execution_duration_seconds', belowSeconds: 10 },
  },
  'publish-success': {
    target: 0.999,
    window: '30d',
    service: 'signal-generator',
    indicator: {
      kind: 'errors',
      bad: { metric: 'kafka_publish_failure_total' },
      total: [{ metric: 'kafka_publish_success_total' }, { metric: 'kafka_publish_failure_total' }],
    },
  },
  'api-availability': {
    target: 0.995,
    window: '30d',
    service: 'backend',
    indicator: {
      kind: 'errors',
      bad: { metric: 'http_server_request_duration_seconds', suffix: '_count', matchers: 'status_code=~"5.."' },
      total: [{ metric: 'http_server_request_duration_seconds', suffix: '_count' }],
    },
  },
} as const satisfies Record<string, ObjectiveDefinition>;

export type ObjectiveName = keyof typeof objectives;
export const objectiveNames = Object.keys(objectives) as [ObjectiveName, ...ObjectiveName[]];

export function objectiveDefinition(name: ObjectiveName): ObjectiveDefinition {
  return objectives[name];
}

/** Fires when the budget burns faster than `factor` over both windows: the long one says it matters, the short one that it goes on. */
export interface BurnWindows {
  readonly long: string;
  readonly short: string;
  readonly factor: number;
}

export interface ObjectiveAlertDefinition {
  readonly severity: Severity;
  readonly windows: readonly BurnWindows[];
  readonly about: string;
  /** The dashboard that its `dashboard_url` opens. */
  readonly dashboard: DashboardName;
}

/** The alerts of every objective: a burn rate of 1 spends the error budget exactly by the end of the objective's window. */
export const objectiveAlerts = {
  ObjectiveBurnsFast: {
    severity: 'critical',
    windows: [
      { long: '1h', short: '5m', factor: 14.4 },
      { long: '6h', short: '30m', factor: 6 },
    ],
    about: 'The error budget of an objective burns so fast that it is gone within days',
    dashboard: 'pipelines',
  },
  ObjectiveBurnsSlowly: {
    severity: 'warning',
    windows: [
      { long: '1d', short: '2h', factor: 3 },
      { long: '3d', short: '6h', factor: 1 },
    ],
    about: 'The error budget of an objective burns so fast that it will not last to the end of its window',
    dashboard: 'pipelines',
  },
} as const satisfies Record<string, ObjectiveAlertDefinition>;

export type ObjectiveAlertName = keyof typeof objectiveAlerts;
export const objectiveAlertNames = Object.keys(objectiveAlerts) as [ObjectiveAlertName, ...ObjectiveAlertName[]];

/**
 * What the recording rules of objectives record; each with the labels namespace, tradingpipeline and objective. Those of a declared
 * pipeline, which are counted together, also say pipeline_id and indicator: the objective above that counts the same events.
 */
export const objectiveSeries = {
  /** Events of the last minute, and the bad ones among them. */
  events: 'objective:events:increase1m',
  badEvents: 'objective:bad_events:increase1m',
  /** The same of five minutes, once every five minutes: what long windows are summed from. */
  events5m: 'objective:events:increase5m',
  badEvents5m: 'objective:bad_events:increase5m',
  /** Share of events that may be bad. */
  errorBudget: 'objective:error_budget:ratio',
  /** Share of bad events in the window of the label `window`, in error budgets. Absent when there was no event. */
  burnRate: 'objective:burn_rate:ratio',
  /** Share of good events in the objective's window. Absent when there was no event. */
  success: 'objective:success:ratio',
  /** 1 when nothing bad happened in the objective's window, 0 when the budget is spent, below when it is overspent. */
  budgetRemaining: 'objective:error_budget_remaining:ratio',
  /** Time to the end of the budget at the pace of the last hour. Absent when nothing burns. */
  exhaustion: 'objective:error_budget_exhaustion:seconds',
} as const;

/** Events of the last minute of every pipeline, once for all resources; with the labels pipeline_id and indicator. */
export const pipelineEventSeries = {
  events: 'objective:pipeline_events:increase1m',
  badEvents: 'objective:pipeline_bad_events:increase1m',
} as const;
export type ObjectiveSeries =
  | (typeof objectiveSeries)[keyof typeof objectiveSeries]
  | (typeof pipelineEventSeries)[keyof typeof pipelineEventSeries];
