import type { Expression } from './expression.ts';
import { type GaugeName, selectAlerts, selectMetric, selectUp } from './selector.ts';

/** What the share of a service's targets that answer means. */
export const NO_TARGET = -1;
/** The uptime of a service without a process. */
export const NOT_RUNNING = 0;

/**
 * Share of a service's targets that answer their scrapes; NO_TARGET when Prometheus has none at all. By job, not by
 * the service variable: somebody who looks at one service must still see that another is down.
 */
export function serviceHealth(service: string): Expression {
  return { promql: `avg (${selectUp({ job: service })}) or vector(${NO_TARGET})`, reads: ['up'] };
}

/** Seconds since the youngest process of a service started; NOT_RUNNING when there is none. */
export function serviceUptime(service: string): Expression {
  const started = selectMetric('process_start_time_seconds', { job: service });
  return { promql: `time() - max (${started}) or vector(${NOT_RUNNING})`, reads: ['process_start_time_seconds'] };
}

/** Firing alerts with the time since when, in milliseconds as Grafana's date units want it. */
export const firingAlerts: Expression = {
  promql:
    'max by (alertname, severity, service, namespace, pipeline_id) ' +
    `(${selectAlerts('ALERTS_FOR_STATE')} and ignoring (alertstate) ${selectAlerts('ALERTS')}) * 1000`,
  reads: ['ALERTS', 'ALERTS_FOR_STATE'],
};

/** Firing alerts, one series each, for annotations. */
export const alertAnnotations: Expression = { promql: selectAlerts('ALERTS'), reads: ['ALERTS'] };

/** Seconds since each stage last moved on. A process that answers its scrapes may still do nothing. */
export const progressAges: Readonly<Record<'bar' | 'signal' | 'dispatch' | 'execution', Expression>> = {
  bar: ageOf('market_data_last_bar_timestamp_seconds'),
  signal: ageOf('signals_last_generated_timestamp_seconds'),
  dispatch: ageOf('signals_last_dispatched_timestamp_seconds'),
  execution: ageOf('pipeline_last_progress_timestamp_seconds'),
};

function ageOf(name: GaugeName): Expression {
  return { promql: `time() - max (${selectMetric(name)})`, reads: [name] };
}
