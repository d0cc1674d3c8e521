/**
 * Series selectors of dashboards. They are built from a metric of the catalogue and matchers, both checked by the compiler.
 * Every dashboard variable narrows the metric, if the metric has the variable's label. Every query of a panel uses these
 * selectors.
 */
import { type Matchers, series } from '#base/promql/build-promql.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import { minuteCountOf } from '#catalogue/minute-counts.ts';
import type { HistogramPart, RuntimeName, Where } from '#catalogue/series.ts';
import { CONTROLLER } from '#catalogue/services.ts';

/** A metric that an expression can read. */
export type Source = MetricName | RuntimeName | 'up' | 'ALERTS' | 'ALERTS_FOR_STATE';

/**
 * The dashboard variable that narrows a label of our metrics, keyed by label. A bot is a pipeline that trades, so the
 * value of `bot_id` is a pipeline's id.
 */
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

/** Matchers for metrics of the operator, which is not a service and may run in a namespace without any TradingPipeline. */
const operatorMatchers = {
  cluster: { matches: '$cluster' },
  namespace: { matches: '$operator_namespace' },
} as const satisfies Matchers;

export function selectMetric<Name extends MetricName>(
  name: Name,
  where: Where<Name> = {},
  part: '' | HistogramPart = '',
): string {
  return series(name + part, narrow(name, where));
}

/** Selects the counts that are recorded each minute, of a counter or of a part of a histogram, summed over all replicas. */
export function selectMinuteCounts<Name extends MetricName>(
  name: Name,
  where: Where<Name> = {},
  part: '' | HistogramPart = '',
): string {
  return series(minuteCountOf(name + part).record, narrow(name, where));
}

/**
 * Adds a matcher for each dashboard variable whose label the metric has. A matcher of the caller for the same label is
 * used instead.
 */
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
  return series(name, targetMatchers);
}

/** Prometheus' own `up`, with one series for each target. */
export function selectUp(where: { readonly job?: string } = {}): string {
  return series('up', { ...targetMatchers, ...where });
}

/**
 * Selects the alerts of the platform. An alert that lacks the label of a dashboard variable concerns everybody, so the
 * matcher of the variable also matches a missing label.
 */
export function selectAlerts(metric: 'ALERTS' | 'ALERTS_FOR_STATE'): string {
  const state: Matchers = metric === 'ALERTS' ? { alertstate: 'firing' } : {};
  return series(metric, {
    ...state,
    [alertLabels.pipeline]: { matches: '.+' },
    cluster: { matches: '$cluster|' },
    namespace: { matches: '$namespace|' },
    service: { matches: '$service|' },
    pipeline_id: { matches: '$pipeline_id|' },
  });
}
