import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { serviceNames } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { DATASOURCE } from './kinds/query.ts';
import type { Expression } from './queries/expression.ts';
import { emittersOf } from './scrape-interval.ts';

/**
 * The variables at the top of a dashboard. A selector (queries/selector.ts) uses each of them wherever the metric has
 * the label; a dashboard gets those that narrow something on it, and no others.
 */
type VariableBuilder =
  | dashboard.QueryVariableBuilder
  | dashboard.DatasourceVariableBuilder
  | dashboard.IntervalVariableBuilder;

/** In the order in which they stand at the top. */
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
/** Matches a missing label too: a Prometheus of one cluster has no `cluster`. */
const ANYTHING = '.*';
const inNamespace = 'cluster=~"$cluster", namespace=~"$namespace"';

/** The variables that narrow something in these expressions. */
export function findVariables(expressions: readonly Expression[]): VariableName[] {
  const text = expressions.map(({ promql }) => promql).join('\n');
  const emitters = new Set(expressions.flatMap(({ reads }) => reads).flatMap(emittersOf));
  return variableNames.filter((name) => {
    if (name === 'datasource') return true;
    // Where all comes from one service, choosing another could only empty the dashboard.
    if (name === 'service' && emitters.size < 2) return false;
    return new RegExp(`\\$${name}\\b`).test(text);
  });
}

export function buildVariables(names: readonly VariableName[], options: DashboardOptions): VariableBuilder[] {
  return names.map((name) => builders[name](options));
}

/** An expression on a dashboard that lacks some of its variables: what is not chosen there is all. */
export function openAbsentVariables(promql: string, present: readonly string[], options: DashboardOptions): string {
  const whole: Readonly<Record<string, string>> = { service: allJobs(options) };
  return promql.replaceAll(/\$([a-z_]+)\b/g, (written, name: string) => {
    const isAbsent = (variableNames as readonly string[]).includes(name) && !present.includes(name);
    return isAbsent ? (whole[name] ?? ANYTHING) : written;
  });
}

/** Names of services are DNS labels: no escape needed. */
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

/** Apart from the namespace of the services, which links between dashboards carry along. */
function buildOperatorNamespace(): VariableBuilder {
  const series = 'tradingpipeline_controller_queue_depth{cluster=~"$cluster"}';
  return labelVariable('operator_namespace', 'Namespace of the operator', 'namespace', series).allValue(ANYTHING);
}

/** All is the platform's services and no others: a Prometheus holds many more jobs. */
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

/** Window of the summary panels. Apart from the time picker, so that a week's view does not hide the last hour. */
function buildTimeRange(): dashboard.IntervalVariableBuilder {
  const windows = ['5m', '15m', '1h', '6h', '24h', '7d', '30d'];
  return new dashboard.IntervalVariableBuilder('time_range')
    .label('Summary window')
    .description('How far back success rates, rankings and averages look')
    .values(windows.join(','))
    .options(windows.map((window) => ({ selected: window === '1h', text: window, value: window })))
    .current({ selected: true, text: '1h', value: '1h' });
}
