import type { Context } from '@opentelemetry/api';
import type { LabelsOf, MetricDefinition, MetricName, metrics } from '#catalogue/metrics.ts';

/**
 * The types of the instruments. An instrument exists only for a metric of the catalogue, and an observation must have
 * exactly the labels that the catalogue gives the metric. Anything else is a compile error.
 */
type MetricOfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof metrics)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** The arguments for the labels of a metric: none for a metric without labels, one for any other metric. */
type LabelArgument<Name extends MetricName> = keyof LabelsOf<Name> extends never ? [] : [labels: LabelsOf<Name>];

interface Counter<Name extends MetricName> {
  add(value: number, ...labels: LabelArgument<Name>): void;
}
interface Histogram<Name extends MetricName> {
  record(value: number, ...labels: LabelArgument<Name>): void;
  /** Looks up the series of a label set. Code that observes one series thousands of times a second keeps the result. */
  series(...labels: LabelArgument<Name>): HistogramSeries;
}
export interface HistogramSeries {
  /** @param from the trace context of the observation; default: the active context */
  record(value: number, from?: Context): void;
}
interface Gauge<Name extends MetricName> {
  set(value: number, ...labels: LabelArgument<Name>): void;
  add(delta: number, ...labels: LabelArgument<Name>): void;
  /** Removes all label sets. A label set that is not set again is no longer reported. */
  reset(): void;
}

type Observe<Name extends MetricName> = (value: number, ...labels: LabelArgument<Name>) => void;

/**
 * The instruments of a set of metrics. A function takes as its argument an `Instruments` of only the metrics that it
 * observes.
 */
export interface Instruments<Names extends MetricName> {
  counter<Name extends Names & MetricOfType<'counter'>>(name: Name): Counter<Name>;
  histogram<Name extends Names & MetricOfType<'histogram'>>(name: Name): Histogram<Name>;
  gauge<Name extends Names & MetricOfType<'gauge'>>(name: Name): Gauge<Name>;
  /**
   * Creates a gauge whose values `read` observes at each scrape. Label sets that `read` does not observe are not
   * reported.
   */
  observeGauge<Name extends Names & MetricOfType<'gauge'>>(
    name: Name,
    read: (observe: Observe<Name>) => void | Promise<void>,
  ): void;
  /**
   * Exempts these pipelines from the label budget, so that each keeps series of its own. Replaces the pipelines of the
   * call before.
   */
  declarePipelines(pipelineIds: readonly string[]): void;
}
