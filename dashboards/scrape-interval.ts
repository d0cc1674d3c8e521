import { parseDurationSeconds } from '#base/duration.ts';
import { type MetricName, metricDefinition, metrics } from '#catalogue/metrics.ts';
import { CONTROLLER_SCRAPE_INTERVAL, type ServiceName, serviceNames, services } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import type { Expression } from './queries/expression.ts';
import type { Source } from './queries/selector.ts';

const rateOfMinutes = /:increase1m\{[^}]*\}\[\$__rate_interval\]/;

/**
 * Returns the minimum interval of a panel: the longest scrape interval of the services whose metrics it reads. Grafana's
 * $__rate_interval is at least four times as long, so a rate spans four scrapes. Series that are recorded once a minute count
 * as scraped every 15 s, so that their rate spans a minute.
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

/** Lists the services that can emit a series. Returns an empty list for metrics of the operator. */
export function emittersOf(source: Source): readonly ServiceName[] {
  if (!isMetric(source)) return serviceNames;
  const { emittedBy } = metricDefinition(source);
  return serviceNames.filter((name) => emittedBy.includes(name));
}

function isMetric(source: Source): source is MetricName {
  return Object.hasOwn(metrics, source);
}
