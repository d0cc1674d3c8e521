import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { serviceNames } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { DATASOURCE } from './kinds/query.ts';
import type { Expression } from './queries/expression.ts';
import { emittersOf } from './scrape-interval.ts';

/**
 * The variables at the top of a dashboard. A selector (queries/selector.ts) uses a variable wherever the metric has its label;
 * a dashboard has only the variables that narrow at least one of its panels.
 */
type VariableBuilder =
  | dashboard.QueryVariableBuilder
  | dashboard.DatasourceVariableBuilder
  | dashboard.IntervalVariableBuilder;

/** The variables in the order in which dashboards show them. */
const variableNames = [
  'datasource',
  'cluster',
  'namespace',
  'operator_namespace',
  'service',
  'pipeline_id',
  'signal_type',
  'time_range',
] as const;
export type VariableName = (typeof variableNames)[number];

const builders: Readonly<Record<VariableName, (options: DashboardOptions) => VariableBuilder>> = {
  datasource: buildDatasource,
  cluster: buildCluster,
  namespace: buildNamespace,
  operator_namespace: buildOperatorNamespace,
  service: buildService,
  pipeline_id: buildPipeline,
  signal_type: buildSignalType,
  time_range: buildTimeRange,
};

const ALL: dashboard.VariableOption = { selected: true, text: ['All'], value: ['$__all'] };
/**
 * Matches any value, and also a missing label, because metrics of a Prometheus that watches one cluster have no label
 * `cluster`.
 */
const ANYTHING = '.*';
const inNamespace = 'cluster=~"$cluster", namespace=~"$namespace"';

/** Finds the variables that narrow at least one of these expressions, in the order of `variableNames`. */
export function findVariables(expressions: readonly Expression[]): VariableName[] {
  const text = expressions.map(({ promql }) => promql).join('\n');
  const emitters = new Set(expressions.flatMap(({ reads }) => reads).flatMap(emittersOf));
  return variableNames.filter((name) => {
    if (name === 'datasource') return true;
    // If only one service emits the metrics of the dashboard, choosing another service would empty the dashboard.
    if (name === 'service' && emitters.size < 2) return false;
    return new RegExp(`\\$${name}\\b`).test(text);
  });
}

/** Builds the variables of a dashboard, in the given order. */
export function buildVariables(names: readonly VariableName[], options: DashboardOptions): VariableBuilder[] {
  return names.map((name) => builders[name](options));
}

/** Replaces the variables that a dashboard does not have by a regular expression that matches everything. */
export function openAbsentVariables(promql: string, present: readonly string[], options: DashboardOptions): string {
  const whole: Readonly<Record<string, string>> = { service: allJobs(options) };
  return promql.replaceAll(/\$([a-z_]+)\b/g, (written, name: string) => {
    const isAbsent = (variableNames as readonly string[]).includes(name) && !present.includes(name);
    return isAbsent ? (whole[name] ?? ANYTHING) : written;
  });
}

/**
 * Replaces Grafana's variables by the values that they have in a newly opened dashboard: everything, over the last
 * hour.
 */
export function openVariables(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$time_range', '1h')
    .replaceAll('$service', serviceNames.join('|'))
    .replaceAll(/\$(cluster|namespace|operator_namespace|pipeline_id|signal_type)\b/g, ANYTHING);
}

/** Returns a regular expression that matches every service. Names of services are DNS labels, so they need no escaping. */
function allJobs({ services }: DashboardOptions): string {
  return [...new Set([...serviceNames, ...services])].join('|');
}

function buildDatasource(options: DashboardOptions): dashboard.DatasourceVariableBuilder {
  const opened = options.datasource ?? 'default';
  return new dashboard.DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that the panels ask')
    .type('prometheus')
    .current({ selected: true, text: opened, value: opened });
}

function buildCluster(options: DashboardOptions): VariableBuilder {
  return labelVariable('cluster', 'Cluster', 'cluster', `up{job=~"${allJobs(options)}"}`)
    .hide(options.multiCluster ? dashboard.VariableHide.DontHide : dashboard.VariableHide.HideVariable)
    .allValue(ANYTHING);
}

function buildNamespace(options: DashboardOptions): VariableBuilder {
  return labelVariable('namespace', 'Namespace', 'namespace', `up{cluster=~"$cluster", job=~"${allJobs(options)}"}`)
    .current(chosen(options.namespace))
    .allValue(ANYTHING);
}

/**
 * The operator may run in another namespace than the services. Its namespace is a variable of its own, because a link
 * between dashboards would carry over the value of a variable that both dashboards have.
 */
function buildOperatorNamespace(): VariableBuilder {
  const series = 'tradingpipeline_controller_queue_depth{cluster=~"$cluster"}';
  return labelVariable('operator_namespace', 'Namespace of the operator', 'namespace', series).allValue(ANYTHING);
}

/** The choice All selects only the services of the platform, because Prometheus may scrape many other jobs. */
function buildService(options: DashboardOptions): VariableBuilder {
  const jobs = allJobs(options);
  return labelVariable('service', 'Service', 'job', `up{${inNamespace}, job=~"${jobs}"}`).allValue(jobs);
}

function buildPipeline(options: DashboardOptions): VariableBuilder {
  return labelVariable('pipeline_id', 'Pipeline', 'pipeline_id', `pipeline_executions_total{${inNamespace}}`)
    .current(chosen(options.pipelineId))
    .allValue(ANYTHING);
}

function buildSignalType(): VariableBuilder {
  const series = `signals_generated_total{${inNamespace}}`;
  return labelVariable('signal_type', 'Signal type', 'signal_type', series).allValue(ANYTHING);
}

function labelVariable(name: VariableName, label: string, of: string, series: string): dashboard.QueryVariableBuilder {
  const query = `label_values(${series}, ${of})`;
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current(ALL);
}

function chosen(value: string | undefined): dashboard.VariableOption {
  return value === undefined ? ALL : { selected: true, text: [value], value: [value] };
}

/**
 * The window of summary panels does not follow Grafana's time picker, so that summaries still show the last hour while
 * a graph shows a week.
 */
function buildTimeRange(): dashboard.IntervalVariableBuilder {
  const windows = ['5m', '15m', '1h', '6h', '24h', '7d', '30d'];
  return new dashboard.IntervalVariableBuilder('time_range')
    .label('Summary window')
    .description('How far back success rates, rankings and averages look')
    .values(windows.join(','))
    .options(windows.map((window) => ({ selected: window === '1h', text: window, value: window })))
    .current({ selected: true, text: '1h', value: '1h' });
}
