import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Family } from './write-family.ts';

/** Gauges of prom-client that break the naming rules (a gauge must not end in _total); each has a labelled twin. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Starts prom-client's metrics of the process and of Node, and gives what collects them. */
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
      // Typed as an enum, and a word.
      return { name, help, type: String(type) as Family['type'], samples };
    });
  };
}

/** prom-client's types leave out the name, which the samples of a histogram have. */
interface Value {
  readonly labels: object;
  readonly value: number;
  readonly metricName?: string;
}
