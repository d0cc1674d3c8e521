import { type MetricName, metricDefinition, metrics } from '#catalogue/metrics.ts';
import { CONTROLLER_SCRAPE_INTERVAL, type ServiceName, serviceNames, services } from '#catalogue/services.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import type { Source } from './queries/selector.ts';

/**
 * The minimum interval of a panel: the longest scrape interval among the services that emit what it reads. Grafana
 * makes $__rate_interval of it, so that a rate always spans four scrapes.
 */
export function panelInterval(reads: readonly Source[], options: DashboardOptions): string {
  const emitters = new Set(reads.flatMap(emittersOf));
  const intervals = [...emitters].map((name) => options.scrapeIntervals?.[name] ?? services[name].scrapeInterval);
  const [first = CONTROLLER_SCRAPE_INTERVAL, ...others] = intervals;
  return others.reduce(
    (longest, interval) => (parseDuration(interval) > parseDuration(longest) ? interval : longest),
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

const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** A Prometheus duration (`15s`, `1m30s`) in seconds. */
function parseDuration(duration: string): number {
  let seconds = 0;
  for (const [, amount, unit = ''] of duration.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    seconds += Number(amount) * (unitSeconds[unit] ?? 0);
  }
  return seconds;
}
