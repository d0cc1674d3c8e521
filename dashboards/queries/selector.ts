import { alertLabels } from '#catalogue/alerts.ts';
import {
  type LabelsOf,
  type MetricDefinition,
  type MetricName,
  metricDefinition,
  type metrics,
} from '#catalogue/metrics.ts';
import { minuteCountOf } from '#catalogue/minute-counts.ts';
import { CONTROLLER } from '#catalogue/services.ts';

/**
 * Series selectors by catalogue name. In: a metric and matchers, both checked by the compiler. Out: PromQL text in
 * which every dashboard variable that the metric knows a label for narrows it. A selector never goes without them.
 */
export type Source = MetricName | RuntimeName | 'up' | 'ALERTS' | 'ALERTS_FOR_STATE';

/** prom-client's default metrics that the dashboards read; every process exposes them beside the catalogue's. */
export const runtimeNames = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_p99_seconds',
] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** Labels that Prometheus and the ServiceMonitor put on every series. */
export const targetLabels = ['cluster', 'namespace', 'job', 'pod', 'instance'] as const;
export type TargetLabel = (typeof targetLabels)[number];

/** A histogram's buckets have their bound as a label too. */
type BucketLabel<Name extends MetricName> = LabelTypeOf<Name> extends 'histogram' ? 'le' : never;
export type LabelOf<Name extends MetricName> = Extract<keyof LabelsOf<Name>, string> | TargetLabel | BucketLabel<Name>;

type ValueOf<Name extends MetricName, Label> = Label extends keyof LabelsOf<Name> ? LabelsOf<Name>[Label] : string;

/** A value, or a regular expression the whole value must match. */
export type Match<Value> = Value | { readonly matches: string };

export type Where<Name extends MetricName> = {
  readonly [Label in LabelOf<Name>]?: Match<ValueOf<Name, Label>>;
};

type Matchers = Readonly<Record<string, Match<string> | undefined>>;

type OfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: LabelTypeOf<Name> extends Type ? Name : never;
}[MetricName];
type LabelTypeOf<Name extends MetricName> = (typeof metrics)[Name]['type'];

export type CounterName = OfType<'counter'>;
export type GaugeName = OfType<'gauge'>;
export type HistogramName = OfType<'histogram'>;

/** Labels of our metrics that a dashboard variable narrows. A bot is a pipeline that trades: it has the pipeline's id. */
const narrowingVariable: Readonly<Record<string, string>> = {
  pipeline_id: '$pipeline_id',
  bot_id: '$pipeline_id',
  signal_type: '$signal_type',
};

const targetMatchers = {
  cluster: { matches: '$cluster' },
  namespace: { matches: '$namespace' },
  job: { matches: '$service' },
} as const satisfies Matchers;

/** The operator is no service, and may live in a namespace where no TradingPipeline is. */
const operatorMatchers = {
  cluster: { matches: '$cluster' },
  namespace: { matches: '$operator_namespace' },
} as const satisfies Matchers;

export function selectMetric<Name extends MetricName>(
  name: Name,
  where: Where<Name> = {},
  suffix: '' | '_bucket' | '_sum' | '_count' = '',
): string {
  return printSelector(name + suffix, narrow(name, where));
}

/** What is recorded each minute of a counter or of a part of a histogram, for all replicas together. */
export function selectMinuteCounts<Name extends MetricName>(
  name: Name,
  where: Where<Name> = {},
  suffix: '' | '_bucket' | '_sum' | '_count' = '',
): string {
  return printSelector(minuteCountOf(name + suffix).record, narrow(name, where));
}

/** With the variables that the metric knows a label for. */
function narrow<Name extends MetricName>(name: Name, where: Where<Name>): Matchers {
  const { labels = {}, emittedBy } = metricDefinition(name);
  const target = emittedBy.every((emitter) => emitter === CONTROLLER) ? operatorMatchers : targetMatchers;
  const narrowed = Object.keys(labels).flatMap((label) => {
    const matches = narrowingVariable[label];
    return matches ? [[label, { matches }]] : [];
  });
  return { ...target, ...Object.fromEntries(narrowed), ...(where as Matchers) };
}

export function selectRuntime(name: RuntimeName): string {
  return printSelector(name, targetMatchers);
}

/** Prometheus' own `up`, one series a target. */
export function selectUp(where: { readonly job?: Match<string> } = {}): string {
  return printSelector('up', { ...targetMatchers, ...where });
}

/** Alerts of this platform. One without a label that a variable names concerns whoever looks: empty matches too. */
export function selectAlerts(metric: 'ALERTS' | 'ALERTS_FOR_STATE'): string {
  const state: Matchers = metric === 'ALERTS' ? { alertstate: 'firing' } : {};
  return printSelector(metric, {
    ...state,
    [alertLabels.pipeline]: { matches: '.+' },
    cluster: { matches: '$cluster|' },
    namespace: { matches: '$namespace|' },
    service: { matches: '$service|' },
    pipeline_id: { matches: '$pipeline_id|' },
  });
}

function printSelector(name: string, matchers: Matchers): string {
  const printed = Object.entries(matchers).flatMap(([label, match]) => (match ? [printMatcher(label, match)] : []));
  return `${name}{${printed.join(', ')}}`;
}

function printMatcher(label: string, match: Match<string>): string {
  const [operator, value] = typeof match === 'string' ? ['=', match] : ['=~', match.matches];
  return `${label}${operator}"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
