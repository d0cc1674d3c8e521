import { aggregate, max } from '#base/promql/build-promql.ts';
import type { GaugeName } from '#catalogue/series.ts';
import type { Expression } from './expression.ts';
import { selectAlerts, selectMetric, selectUp } from './selector.ts';

/** Value of a service's health if Prometheus has no scrape target of the service. */
export const NO_TARGET = -1;
/** Value of a service's uptime if no process of the service runs. */
export const NOT_RUNNING = 0;

/**
 * The share of a service's scrape targets that respond, or NO_TARGET if Prometheus has no target of the service.
 * Ignores the variable `service`, because a user who looks at one service must still see that another service is down.
 */
export function serviceHealth(service: string): Expression {
  return { promql: `${aggregate('avg', selectUp({ job: service }))} or vector(${NO_TARGET})`, reads: ['up'] };
}

/** Seconds since the youngest process of a service started, or NOT_RUNNING if there is none. */
export function serviceUptime(service: string): Expression {
  const started = selectMetric('process_start_time_seconds', { job: service });
  return { promql: `time() - ${max(started)} or vector(${NOT_RUNNING})`, reads: ['process_start_time_seconds'] };
}

const since = `${selectAlerts('ALERTS_FOR_STATE')} and ignoring (alertstate) ${selectAlerts('ALERTS')}`;

/** Firing alerts. The value is the time at which the alert began to fire, in milliseconds for Grafana's date units. */
export const firingAlerts: Expression = {
  promql: `${max(since, ['alertname', 'severity', 'service', 'namespace', 'pipeline_id'])} * 1000`,
  reads: ['ALERTS', 'ALERTS_FOR_STATE'],
};

/** Firing alerts with one series for each alert, for annotations. */
export const alertAnnotations: Expression = { promql: selectAlerts('ALERTS'), reads: ['ALERTS'] };

/**
 * Seconds since the platform last made progress in each step: bars, signals, dispatch, executions. A process can
 * respond to scrapes and still make no progress.
 */
export const progressAges: Readonly<Record<'bar' | 'signal' | 'dispatch' | 'execution', Expression>> = {
  bar: ageOf('market_data_last_bar_timestamp_seconds'),
  signal: ageOf('signals_last_generated_timestamp_seconds'),
  dispatch: ageOf('signals_last_dispatched_timestamp_seconds'),
  execution: ageOf('pipeline_last_progress_timestamp_seconds'),
};

function ageOf(name: GaugeName): Expression {
  return { promql: `time() - ${max(selectMetric(name))}`, reads: [name] };
}
