/** What the expressions of several alerts have in common. Pure. */
import { formatDuration, parseDurationSeconds } from '#base/duration.ts';
import { max, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import {
  type CounterName,
  type GaugeName,
  type LabelOfSeries,
  type SeriesName,
  selectSeries,
  type WhereOf,
} from '../series.ts';
import { CONTROLLER, type ServiceName } from '../services.ts';
import type { AlertScope, OperatorAlertScope } from './alert.ts';

/** The services that run pipelines: the backend runs those that a user starts by hand. */
export const executors = ['celery-worker', 'backend'] as const satisfies readonly ServiceName[];

/** `pod` is empty where there are no pods. */
export const instanceLabels = ['service', 'namespace', 'pod', 'instance'] as const;

/** Selects a series of those of the named services that the resource lists. Returns undefined if it lists none of them. */
export function seriesOf<Series extends SeriesName>(
  scope: AlertScope,
  names: readonly ServiceName[],
  metric: Series,
  where: WhereOf<Series> = {},
): string | undefined {
  const jobs = names.filter((name) => scope.services.includes(name));
  return jobs.length === 0 ? undefined : selectSeries(metric, { job: jobs, ...placeOf(scope), ...where });
}

/** Like seriesOf, of a metric with the label `pipeline_id`: only the series of the scope's pipeline, if it has one. */
export function seriesOfPipelines<
  Series extends
    | 'pipeline_executions_total'
    | 'pipeline_executions_active'
    | 'pipeline_budget_remaining_usd'
    | 'pipeline_execution_duration_seconds_bucket',
>(scope: AlertScope, names: readonly ServiceName[], metric: Series, where: WhereOf<Series> = {}): string | undefined {
  const { pipelineId } = scope;
  return seriesOf(scope, names, metric, { ...(pipelineId && { pipeline_id: pipelineId }), ...where });
}

function placeOf({ namespace, pipelineId }: AlertScope): { readonly namespace?: string } {
  return pipelineId === undefined ? { namespace } : {};
}

/** Selects a series of one service, whether or not the resource lists it. */
export function seriesOfService<Series extends SeriesName>(
  { namespace }: AlertScope,
  service: string,
  metric: Series,
  where: WhereOf<Series> = {},
): string {
  return selectSeries(metric, { job: service, namespace, ...where });
}

/** Selects a series of every service that the resource lists. */
export function seriesOfAll<Series extends SeriesName>(scope: AlertScope, metric: Series): string {
  return selectSeries(metric, { job: scope.services, namespace: scope.namespace } as WhereOf<Series>);
}

/** Builds an expression from a selector, if there is one. */
export function from(selector: string | undefined, build: (selector: string) => string): string | undefined {
  return selector === undefined ? undefined : build(selector);
}

/** The largest value of each instance. */
export function perInstance(selector: string): string {
  return max(selector, instanceLabels);
}

export function marketOpen(scope: AlertScope): string {
  return selectSeries('market_open', { job: 'signal-generator', ...placeOf(scope) });
}

/**
 * True if every market was closed during at least part of the window, so that no signal is due. Nothing is known of a market
 * without a series, so it counts as open.
 */
export function marketsClosed(scope: AlertScope, window = scope.window): string {
  return `max(min_over_time(${marketOpen(scope)}[${window}])) == 0`;
}

/** A range that still holds the last progress when its age reaches the threshold, also of a process that is gone since. */
export function lookback({ threshold }: AlertScope): string {
  return formatDuration(Math.max(3_600, Math.ceil(threshold * 2)));
}

/** As long as the threshold, but never so short that a rate has too few samples. */
export function ageWindow({ threshold, window }: AlertScope): string {
  return formatDuration(Math.max(parseDurationSeconds(window), Math.ceil(threshold)));
}

/**
 * As long as the threshold and no longer: what is counted within it came after the last progress. At least a minute, so that a rate
 * has samples.
 */
export function standstill({ threshold }: AlertScope): string {
  return formatDuration(Math.max(60, Math.ceil(threshold)));
}

/** 0 if no target of the service answers, otherwise no series. */
export function vanished(scope: AlertScope, service: string): string {
  return `0 * sum(absent(${seriesOfService(scope, service, 'up')} == 1))`;
}

/** The latest time that any process of the service reported within the lookback, including processes that are gone. */
export function latest(scope: AlertScope, service: ServiceName, time: GaugeName): string {
  return max(`max_over_time(${seriesOfService(scope, service, time)}[${lookback(scope)}])`);
}

/**
 * Seconds since the service last moved on, if that is above the threshold; 0 if the service has vanished. Until the first progress
 * the age of the process counts, so that a fresh process has as much time.
 */
export function noProgress(scope: AlertScope, service: ServiceName, progress: GaugeName): string {
  const started = seriesOfService(scope, service, 'process_start_time_seconds');
  const last = `${latest(scope, service, progress)} or ${max(started)}`;
  return `(time() - (${last}) > ${scope.threshold}\nor ${vanished(scope, service)})`;
}

/** A description for expressions that answer an age, or 0 for a service that has vanished. */
export function describeAge(sentence: string, service = 'the service'): string {
  return `{{ if $value }}${sentence}.{{ else }}No process of ${service} answers.{{ end }}`;
}

/**
 * A series of the operator. Of several replicas one leads and works, and all watch: sum what they count, and take what every
 * replica reports only once.
 */
export function seriesOfOperator<Series extends SeriesName>(
  { namespace }: OperatorAlertScope,
  metric: Series,
  where: WhereOf<Series> = {},
): string {
  return selectSeries(metric, { job: CONTROLLER, namespace, ...where });
}

/** How much a counter of the operator grew within the alert's window. */
export function growthOfOperator<
  Series extends CounterName | 'tradingpipeline_controller_queue_latency_seconds_bucket',
>(
  scope: OperatorAlertScope,
  metric: Series,
  where: WhereOf<Series> = {},
  by?: readonly LabelOfSeries<Series>[],
): string {
  return sum(growth(seriesOfOperator(scope, metric, where), scope.window), by);
}
