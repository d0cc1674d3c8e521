import { parseDurationSeconds } from '#base/duration.ts';
import { type MetricName, metricDefinition, metrics } from '#catalogue/metrics.ts';
import { CONTROLLER_SCRAPE_INTERVAL, type ServiceName, serviceNames, services } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import type { Expression } from './queries/expression.ts';
import type { Source } from './queries/selector.ts';

const rateOfMinutes = /:increase1m\{[^}]*\}\[\$__rate_interval\]/;

/**
 * The minimum interval of a panel: the longest scrape interval among the services that emit what it reads. Grafana
 * makes $__rate_interval of it, so that a rate always spans four scrapes, and a rate of what is recorded each minute a minute.
 */
export function panelInterval(asks: readonly Expression[], options: DashboardOptions): string {
  const emitters = new Set(asks.flatMap(({ reads }) => reads.flatMap(emittersOf)));
  const intervals = [...emitters].map((name) => options.scrapeIntervals?.[name] ?? services[name].scrapeInterval);
  if (asks.some(({ promql }) => rateOfMinutes.test(promql))) intervals.push('15s');
  const [first = CONTROLLER_SCRAPE_INTERVAL, ...others] = intervals;
  return others.reduce(
    (longest, interval) => (parseDurationSeconds(interval) > parseDurationSeconds(longest) ? interval : longest),
    first,
  );
}

/** The services a series can come from; none for the operator's own. */
export function emittersOf(source: Source): readonly ServiceName[] {
  if (!isMetric(source)) return serviceNames;
  const { emittedBy } = metricDefinition(source);
  return serviceNames.filter((name) => emittedBy.includes(name));
}

function isMetric(source: Source): source is MetricName {
  return Object.hasOwn(metrics, source);
}
