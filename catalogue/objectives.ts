import type { Runbook, Severity } from './alerts/alert.ts';
import type { DashboardName } from './dashboards.ts';
import type { MetricName } from './metrics.ts';
import type { HistogramName, Where } from './series.ts';
import type { ServiceName } from './services.ts';

/**
 * A service level objective of the platform. Its alerting rules use several windows and burn rates, as in the Google
 * SRE workbook, chapter 5.
 */
export interface ObjectiveDefinition {
  /** Share of events that must be good, 0 to 1. */
  readonly target: number;
  /** Time window of the objective, as a Prometheus duration. */
  readonly window: ObjectiveWindow;
  /** The service to look at first. It is the value of the label `service` of the objective's alerts. */
  readonly service: ServiceName;
  readonly indicator:
    | { readonly kind: 'ratio'; readonly good: CountedSeries; readonly total: readonly CountedSeries[] }
    | { readonly kind: 'errors'; readonly bad: CountedSeries; readonly total: readonly CountedSeries[] }
    | { readonly kind: 'latency'; readonly histogram: HistogramName; readonly belowSeconds: number };
}
/** The windows that an objective can have, as Prometheus durations. */
export const objectiveWindows = ['7d', '28d', '30d', '90d'] as const;
type ObjectiveWindow = (typeof objectiveWindows)[number];

/**
 * Returns the share of events that may be bad, for example 0.001 for a target of 0.999. Rounds away the floating-point
 * error.
 */
export function errorBudget(target: number): number {
  return Number((1 - target).toPrecision(12));
}

/** A counter or a part of a histogram, with matchers that select some of its series. */
export type CountedSeries = {
  [Name in MetricName]: {
    readonly metric: Name;
    /** The part of a histogram; absent for a counter. */
    readonly suffix?: '_bucket' | '_count';
    readonly where?: Where<Name>;
  };
}[MetricName];

export const objectives = {
  'pipeline-success': {
    target: 0.95,
    window: '30d',
    service: 'celery-worker',
    indicator: {
      kind: 'ratio',
      good: { metric: 'pipeline_executions_total', where: { status: 'success' } },
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
      bad: {
        metric: 'http_server_request_duration_seconds',
        suffix: '_count',
        where: { status_code: { matches: '5..' } },
      },
      total: [{ metric: 'http_server_request_duration_seconds', suffix: '_count' }],
    },
  },
} as const satisfies Record<string, ObjectiveDefinition>;

export type ObjectiveName = keyof typeof objectives;
export const objectiveNames = Object.keys(objectives) as [ObjectiveName, ...ObjectiveName[]];

export function objectiveDefinition(name: ObjectiveName): ObjectiveDefinition {
  return objectives[name];
}

/**
 * A condition on which the alert fires: the burn rate exceeds `factor` in both windows. The long window shows that the
 * loss is significant, the short window that the loss continues.
 */
export interface BurnWindows {
  readonly long: string;
  readonly short: string;
  readonly factor: number;
}

interface ObjectiveAlertDefinition {
  readonly severity: Severity;
  readonly windows: readonly BurnWindows[];
  readonly about: string;
  /** The dashboard that the annotation `dashboard_url` links to. */
  readonly dashboard: DashboardName;
}

/**
 * The alerts that every objective has. A burn rate of 1 uses up the error budget exactly at the end of the objective's
 * window.
 */
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

export const objectiveRunbooks = {
  ObjectiveBurnsFast: {
    means:
      'So many events of an objective are bad that its error budget (the share that may be bad) burns 14.4 ' +
      'times as fast as it may, over the last hour and still in the last 5 minutes; or 6 times, over 6 hours ' +
      'and the last half hour. At 14.4, a budget for 30 days is gone in two days. With a low target the budget ' +
      'cannot burn that fast: then the alert fires at four fifths of the highest possible rate. Fewer than ' +
      '`alerting.minEvents` events (5 by default) never fire.',
    feels:
      'Depends on the label `objective`. pipeline-success: pipelines see signals and place no orders. ' +
      'pipeline-latency: orders come late. publish-success: signals wait in the generator. api-availability: ' +
      'the API answers 5xx.',
    look: [
      'How fast does it burn, and since when? The label `window` says over how long.',
      { promql: 'objective:burn_rate:ratio{objective="<objective>"}' },
      'How many events were there in the last hour, and how many of them were bad?',
      { promql: 'sum_over_time(objective:bad_events:increase1m{objective="<objective>"}[1h])' },
      { promql: 'sum_over_time(objective:events:increase1m{objective="<objective>"}[1h])' },
    ],
    remedy: [
      'pipeline-success: follow HighPipelineFailureRate.',
      'pipeline-latency: follow HighPipelineLatency.',
      'publish-success: follow KafkaPublishFailures.',
      'api-availability: run `kubectl -n $NS logs deploy/backend | grep \'"level":"error"\'`, then check Postgres ' +
        'and Redis.',
      'The cause is gone: wait 5 to 30 minutes, until the short window is free of bad events. The budget itself ' +
        "comes back only as the objective's window moves on.",
    ],
    silence: 'While the cause is known and worked on, with `objective=<objective>` and `tradingpipeline=<resource>`.',
  },

  ObjectiveBurnsSlowly: {
    means:
      'The error budget of an objective burns 3 times as fast as it may, over the last day and the last 2 ' +
      'hours; or faster than it may, over 3 days and the last 6 hours. At this pace it does not last to the end ' +
      'of its window. Nobody needs to get up at night for it.',
    feels: 'A few failures, again and again. Most users do not notice yet.',
    look: [
      'How much is left, and how many seconds does it last at the pace of the last hour?',
      { promql: 'objective:error_budget_remaining:ratio{objective="<objective>"}' },
      { promql: 'objective:error_budget_exhaustion:seconds{objective="<objective>"}' },
      'Was it one bad day, or is it every day?',
      { promql: 'sum_over_time(objective:bad_events:increase5m{objective="<objective>"}[1d])' },
    ],
    remedy: [
      'The failures matter: do the same as for ObjectiveBurnsFast, in working hours.',
      'Nobody minds the failures: the objective is wrong. Lower its `target` in the TradingPipeline, on purpose ' +
        'and with a review, instead of silencing the alert.',
    ],
    silence:
      'Until a remedy that is under way is deployed, with `objective=<objective>`. A spent budget alone is no ' +
      'reason.',
  },
} as const satisfies Record<keyof typeof objectiveAlerts, Runbook>;

export type ObjectiveAlertName = keyof typeof objectiveAlerts;
export const objectiveAlertNames = Object.keys(objectiveAlerts) as [ObjectiveAlertName, ...ObjectiveAlertName[]];

/**
 * Names of the series that the recording rules of objectives record. They have the labels `namespace`,
 * `tradingpipeline` and `objective`. The series of a declared pipeline also have `pipeline_id` and `indicator`, the
 * name of the objective in this file that counts the same events.
 */
export const objectiveSeries = {
  /** `events` and `badEvents`: number of all events and number of bad events in the last minute. */
  events: 'objective:events:increase1m',
  badEvents: 'objective:bad_events:increase1m',
  /**
   * `events5m` and `badEvents5m`: number of all events and number of bad events in the last five minutes, recorded
   * every five minutes. Values over long windows are sums of these samples.
   */
  events5m: 'objective:events:increase5m',
  badEvents5m: 'objective:bad_events:increase5m',
  /** Share of events that may be bad. */
  errorBudget: 'objective:error_budget:ratio',
  /**
   * Share of bad events in the window that the label `window` names, divided by the error budget. Absent without
   * events.
   */
  burnRate: 'objective:burn_rate:ratio',
  /** Share of good events in the objective's window. Absent without events. */
  success: 'objective:success:ratio',
  /**
   * Share of the error budget that is left in the objective's window: 1 without bad events, 0 when the budget is spent,
   * negative when it is overspent.
   */
  budgetRemaining: 'objective:error_budget_remaining:ratio',
  /** Seconds until the error budget is used up at the rate of the last hour. Absent while there are no bad events. */
  exhaustion: 'objective:error_budget_exhaustion:seconds',
  /**
   * The buckets that a histogram has, one series for each `le`, while it lacks the one that the objective reads. The labels
   * `metric` and `wanted` name the histogram's series and the matcher of the objective. Absent otherwise.
   */
  bucketMissing: 'objective:bucket_missing:info',
} as const;

/**
 * Names of the series with the number of events of every declared pipeline in the last minute. They have the labels
 * `pipeline_id` and `indicator`. One set of rules records these series for all TradingPipelines.
 */
export const pipelineEventSeries = {
  events: 'objective:pipeline_events:increase1m',
  badEvents: 'objective:pipeline_bad_events:increase1m',
} as const;
export type ObjectiveSeries =
  | (typeof objectiveSeries)[keyof typeof objectiveSeries]
  | (typeof pipelineEventSeries)[keyof typeof pipelineEventSeries];
