/**
 * Every metric that the platform emits, by the exact name that a scrape shows. Never rename one: users know the names. Each group is a
 * file of metrics/.
 *
 * A label has a closed list of values, or is open. A process keeps at most `labelSets` label sets of a metric apart, and counts the
 * rest under `other` in its open labels, so that no input can fill Prometheus without bound.
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

/** The value of open labels beyond the budget of their metric. */
export const OTHER = 'other';

/** The most label sets of a metric that sets no number of its own. METRICS_LABEL_SETS changes it. */
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

/** The labels that each observation of a metric must have, with their types: closed values, or string. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof LabelTable<Name>]: LabelTable<Name>[Label] extends readonly (infer Value)[] ? Value : string;
};

/** The metrics that a process emits, optionally of one type, without those that prom-client emits. */
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
 * All label sets of a metric whose labels are closed lists, in the catalogue's order. Their series exist from the first scrape. A metric
 * without labels has one empty set. A metric with an open label has no known sets.
 */
export function knownLabelSets(name: MetricName): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(metricDefinition(name).labels ?? {})) {
    if ('open' in values) return [];
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}
