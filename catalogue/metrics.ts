/**
 * Every metric that the platform emits, keyed by the exact name in a scrape. Never rename a metric, because users'
 * queries contain its name. Each group of metrics is a file in metrics/.
 *
 * A label is either closed, with a fixed list of values, or open, with any string as its value. A process keeps at most
 * `labelSets` label sets of a metric. Observations with further label sets count under a label set whose open labels
 * are `other`, so that no input can create series without limit.
 */

import { dispatchMetrics } from './metrics/dispatch.ts';
import { executionMetrics } from './metrics/executions.ts';
import { httpMetrics } from './metrics/http.ts';
import type { MetricDefinition } from './metrics/metric.ts';
import { operatorMetrics } from './metrics/operator.ts';
import { processMetrics } from './metrics/processes.ts';
import { signalMetrics } from './metrics/signals.ts';
import { storeMetrics } from './metrics/stores.ts';
import { tradingMetrics } from './metrics/trading.ts';
import type { ProcessName } from './services.ts';

export type { LabelDefinition, MetricDefinition, OpenLabel } from './metrics/metric.ts';

/** The value of the open labels of new label sets, once the label budget of their metric is used up. */
export const OTHER = 'other';

/**
 * Default of METRICS_LABEL_SETS, the environment variable with the maximum number of label sets of a metric that has no
 * `labelSets` of its own.
 */
export const DEFAULT_LABEL_SETS = 1_000;

export const metrics = {
  ...processMetrics,
  ...httpMetrics,
  ...storeMetrics,
  ...executionMetrics,
  ...signalMetrics,
  ...dispatchMetrics,
  ...tradingMetrics,
  ...operatorMetrics,
} as const;

export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as MetricName[];

export function metricDefinition(name: MetricName): MetricDefinition {
  return metrics[name];
}

type MetricTable = typeof metrics;
type LabelTable<Name extends MetricName> = MetricTable[Name] extends { labels: infer Labels } ? Labels : object;

/**
 * The labels that each observation of a metric must have. The type of a closed label is the union of its values, the
 * type of an open label is string.
 */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof LabelTable<Name>]: LabelTable<Name>[Label] extends readonly (infer Value)[] ? Value : string;
};

/**
 * Names of the metrics that a process emits, without those that prom-client emits. `Type` limits them to one type of
 * metric.
 */
export type EmittedBy<Process extends ProcessName, Type extends MetricDefinition['type'] = MetricDefinition['type']> = {
  [Name in MetricName]: MetricTable[Name] extends { runtime: true }
    ? never
    : MetricTable[Name]['type'] extends Type
      ? Process extends MetricTable[Name]['emittedBy'][number]
        ? Name
        : never
      : never;
}[MetricName];

export function metricsEmittedBy(process: ProcessName): MetricName[] {
  return metricNames.filter((name) => metricDefinition(name).emittedBy.includes(process));
}

/**
 * Returns all label sets of a metric whose labels are all closed, in the catalogue's order. The series of these label
 * sets exist from the first scrape. A metric without labels has one empty label set. For a metric with an open label,
 * returns an empty list.
 */
export function knownLabelSets(name: MetricName): Record<string, string>[] {
  const { combinations } = metricDefinition(name);
  if (combinations) return combinations.map((set) => ({ ...set }));
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(metricDefinition(name).labels ?? {})) {
    if ('open' in values) return [];
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}
