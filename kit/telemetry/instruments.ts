import {
  type LabelsOf,
  type MetricDefinition,
  type MetricName,
  metricDefinition,
  type metrics,
  OTHER,
} from '#catalogue/metrics.ts';

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
}

export type Labels = Readonly<Record<string, string>>;

/** Keeps the labels of one metric to the catalogue's budget: values of an open label beyond its `max` become `other`. */
export class LabelBudget {
  readonly #seen = new Map<string, { max: number; values: Set<string> }>();

  constructor(name: MetricName) {
    for (const [label, definition] of Object.entries(metricDefinition(name).labels ?? {})) {
      if ('open' in definition) this.#seen.set(label, { max: definition.max, values: new Set() });
    }
  }

  bound(labels: Labels): Labels {
    if (this.#seen.size === 0) return labels;
    let bounded: Record<string, string> | undefined;
    for (const [label, { max, values }] of this.#seen) {
      const value = labels[label];
      if (value === undefined || values.has(value)) continue;
      if (values.size < max) values.add(value);
      else {
        bounded ??= { ...labels };
        bounded[label] = OTHER;
      }
    }
    return bounded ?? labels;
  }
}
