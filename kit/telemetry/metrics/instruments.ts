import type { Context } from '@opentelemetry/api';
import type { LabelsOf, MetricDefinition, MetricName, metrics } from '#catalogue/metrics.ts';

/**
 * The types of the instruments: an instrument exists only for a metric of the catalogue, and an observation has exactly the labels
 * that the catalogue gives it. A mistake is a compile error.
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
  /** Looks one series up once, for code that observes it thousands of times a second. */
  series(...labels: LabelArgument<Name>): HistogramSeries;
}
export interface HistogramSeries {
  /** @param from the context of the observation; default is the active one */
  record(value: number, from?: Context): void;
}
export interface Gauge<Name extends MetricName> {
  set(value: number, ...labels: LabelArgument<Name>): void;
  add(delta: number, ...labels: LabelArgument<Name>): void;
  /** Removes all label sets: those that are not set again are no longer reported. */
  reset(): void;
}

export type Observe<Name extends MetricName> = (value: number, ...labels: LabelArgument<Name>) => void;

/** The instruments of a set of metrics. A function that observes metrics asks for the instruments of those only. */
export interface Instruments<Names extends MetricName> {
  counter<Name extends Names & MetricOfType<'counter'>>(name: Name): Counter<Name>;
  histogram<Name extends Names & MetricOfType<'histogram'>>(name: Name): Histogram<Name>;
  gauge<Name extends Names & MetricOfType<'gauge'>>(name: Name): Gauge<Name>;
  /** Creates a gauge that is read at each scrape: label sets that `read` does not observe are not reported. */
  observeGauge<Name extends Names & MetricOfType<'gauge'>>(
    name: Name,
    read: (observe: Observe<Name>) => void | Promise<void>,
  ): void;
  /** Exempts these pipelines, and no others, from the label budget: each keeps series of its own. */
  declarePipelines(pipelineIds: readonly string[]): void;
}
