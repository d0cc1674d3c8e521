/** Parts of PromQL expressions that several alerts share. Pure. */
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

/** The services that emit the metrics of executions. The backend counts only manual runs that it could not enqueue. */
export const executors = ['celery-worker', 'backend'] as const satisfies readonly ServiceName[];

/** Labels that identify one instance of a service. `pod` is empty outside of Kubernetes. */
export const instanceLabels = ['service', 'namespace', 'pod', 'instance'] as const;

/**
 * Returns a selector for the series `metric` of those services in `names` that the TradingPipeline lists. Returns
 * undefined if the TradingPipeline lists none of these services.
 */
export function seriesOf<Series extends SeriesName>(
  scope: AlertScope,
  names: readonly ServiceName[],
  metric: Series,
  where: WhereOf<Series> = {},
): string | undefined {
  const jobs = names.filter((name) => scope.services.includes(name));
  return jobs.length === 0 ? undefined : selectSeries(metric, { job: jobs, ...placeOf(scope), ...where });
}

/**
 * Like seriesOf, for metrics with the label `pipeline_id`. If `scope.pipelineId` is set, selects only the series of
 * that pipeline.
 */
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

/** Returns a selector for a series of one service, whether or not the TradingPipeline lists the service. */
export function seriesOfService<Series extends SeriesName>(
  { namespace }: AlertScope,
  service: string,
  metric: Series,
  where: WhereOf<Series> = {},
): string {
  return selectSeries(metric, { job: service, namespace, ...where });
}

/** Returns a selector for a series of all services that the TradingPipeline lists. */
export function seriesOfAll<Series extends SeriesName>(scope: AlertScope, metric: Series): string {
  return selectSeries(metric, { job: scope.services, namespace: scope.namespace } as WhereOf<Series>);
}

/** Builds an expression from a selector. Returns undefined if there is no selector. */
export function from(selector: string | undefined, build: (selector: string) => string): string | undefined {
  return selector === undefined ? undefined : build(selector);
}

/** Returns an expression for the largest value of each instance. */
export function perInstance(selector: string): string {
  return max(selector, instanceLabels);
}

export function marketOpen(scope: AlertScope): string {
  return selectSeries('market_open', { job: 'signal-generator', ...placeOf(scope) });
}

/**
 * Returns an expression that returns a series if every market was closed during at least part of the window, so that no
 * signal is due. A market without a series counts as open, because its state is unknown.
 */
export function marketsClosed(scope: AlertScope, window = scope.window): string {
  return `max(min_over_time(${marketOpen(scope)}[${window}])) == 0`;
}

/**
 * Returns how far back to look for the last progress of a service, as a PromQL duration: twice the threshold, at least
 * an hour. So the last progress is still found when its age reaches the threshold, even if the process has ended.
 */
export function lookback({ threshold }: AlertScope): string {
  return formatDuration(Math.max(3_600, Math.ceil(threshold * 2)));
}

/**
 * Returns a window as long as the threshold, but not shorter than the scope's window, so that there are enough samples.
 */
export function ageWindow({ threshold, window }: AlertScope): string {
  return formatDuration(Math.max(parseDurationSeconds(window), Math.ceil(threshold)));
}

/**
 * Returns a window as long as the threshold, but at least a minute, so that there are enough samples. While the last
 * progress is older than the threshold, everything counted within the window happened after this progress.
 */
export function standstill({ threshold }: AlertScope): string {
  return formatDuration(Math.max(60, Math.ceil(threshold)));
}

/**
 * Returns an expression that has the value 0 if no scrape target of the service is up. Otherwise the expression returns
 * no series.
 */
export function vanished(scope: AlertScope, service: string): string {
  return `0 * sum(absent(${seriesOfService(scope, service, 'up')} == 1))`;
}

/**
 * Returns an expression for the highest value of the timestamp metric `time` that any process of the service reported
 * within the lookback, including processes that have ended.
 */
export function latest(scope: AlertScope, service: ServiceName, time: GaugeName): string {
  return max(`max_over_time(${seriesOfService(scope, service, time)}[${lookback(scope)}])`);
}

/**
 * Returns an expression for the seconds since the service last made progress, if they exceed the threshold. The value
 * is 0 if no scrape target of the service is up. Before the first progress, the age of the process counts instead, so
 * that a new process has just as much time.
 */
export function noProgress(scope: AlertScope, service: ServiceName, progress: GaugeName): string {
  const started = seriesOfService(scope, service, 'process_start_time_seconds');
  const last = `${latest(scope, service, progress)} or ${max(started)}`;
  return `(time() - (${last}) > ${scope.threshold}\nor ${vanished(scope, service)})`;
}

/**
 * Returns the alert's description for an expression such as noProgress, whose value is an age, or 0 if no process
 * responds.
 */
export function describeAge(sentence: string, service = 'the service'): string {
  return `{{ if $value }}${sentence}.{{ else }}No process of ${service} answers.{{ end }}`;
}

/**
 * Returns a selector that matches a series of all replicas of the operator. Aggregate it: sum() for counters, because each
 * replica counts its own work, and max() for gauges, because all replicas watch and report the same state.
 */
export function seriesOfOperator<Series extends SeriesName>(
  { namespace }: OperatorAlertScope,
  metric: Series,
  where: WhereOf<Series> = {},
): string {
  return selectSeries(metric, { job: CONTROLLER, namespace, ...where });
}

/** Returns an expression for how much a counter of the operator grew within the alert's window. */
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
