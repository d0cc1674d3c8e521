import type { Context } from '@opentelemetry/api';
import type { LabelsOf, MetricDefinition, MetricName, metrics } from '#catalogue/metrics.ts';

/**
 * The typed face of the metrics: an instrument exists only for a metric the catalogue names, and an observation
 * carries exactly the labels the catalogue names for it. What it costs to get this wrong is a compile error.
 */
export type MetricOfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof metrics)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** No argument for a metric without labels, one for any other. */
export type LabelArgument<Name extends MetricName> = keyof LabelsOf<Name> extends never ? [] : [labels: LabelsOf<Name>];

export interface Counter<Name extends MetricName> {
  add(value: number, ...labels: LabelArgument<Name>): void;
}
export interface Histogram<Name extends MetricName> {
  record(value: number, ...labels: LabelArgument<Name>): void;
  /** One of its series, found once: for what observes it thousands of times a second. */
  series(...labels: LabelArgument<Name>): HistogramSeries;
}
export interface HistogramSeries {
  /** @param from the context in whose trace it was observed; the active one when absent */
  record(value: number, from?: Context): void;
}
export interface Gauge<Name extends MetricName> {
  set(value: number, ...labels: LabelArgument<Name>): void;
  add(delta: number, ...labels: LabelArgument<Name>): void;
  /** Forgets every label set, so that what is gone is not reported for ever. */
  reset(): void;
}

export type Observe<Name extends MetricName> = (value: number, ...labels: LabelArgument<Name>) => void;

/** The instruments of a set of metrics. A piece of the kit asks for just those it emits. */
export interface Instruments<Names extends MetricName> {
  counter<Name extends Names & MetricOfType<'counter'>>(name: Name): Counter<Name>;
  histogram<Name extends Names & MetricOfType<'histogram'>>(name: Name): Histogram<Name>;
  gauge<Name extends Names & MetricOfType<'gauge'>>(name: Name): Gauge<Name>;
  /** A gauge that is read at each collection: what `read` does not observe is not reported. */
  observeGauge<Name extends Names & MetricOfType<'gauge'>>(
    name: Name,
    read: (observe: Observe<Name>) => void | Promise<void>,
  ): void;
  /** From now on these pipelines, and no others, keep series of their own whatever a metric's label budget. */
  declarePipelines(pipelineIds: readonly string[]): void;
}
