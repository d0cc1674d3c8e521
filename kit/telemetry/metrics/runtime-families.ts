import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Family } from './write-family.ts';

/**
 * Gauges of prom-client that are left out, because only names of counters may end in _total. prom-client has the same
 * counts in other gauges, split by a label.
 */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Starts prom-client's metrics of the process and of Node, and returns a function that collects them. */
export function startRuntimeMetrics(): () => Promise<Family[]> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return async () => {
    const collected = await registry.getMetricsAsJSON();
    return collected.map(({ name, help, type, values }) => {
      const samples = values.map(({ metricName, labels, value }: Value) => ({
        labels,
        value,
        ...(metricName && { name: metricName }),
      }));
      // prom-client types `type` as an enum; at run time it is a string such as 'gauge'.
      return { name, help, type: String(type) as Family['type'], samples };
    });
  };
}

/** prom-client's own type lacks metricName, which samples of histograms have. */
interface Value {
  readonly labels: object;
  readonly value: number;
  readonly metricName?: string;
}
