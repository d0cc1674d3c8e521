import type { Meter } from '@opentelemetry/api';
import { type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import type { ExemplarFilter } from './exemplar.ts';
import type { Instruments } from './instruments.ts';
import type { LabelBudget } from './label-sets.ts';
import {
  CounterCells,
  GaugeCells,
  HistogramCells,
  type MetricCells,
  ObservedGauge,
  type ReadGauge,
} from './metric-cells.ts';
import type { Family } from './write-family.ts';

interface InstrumentOptions {
  /** Maximum number of label sets of a metric, unless the catalogue sets another maximum for this metric. */
  readonly labelSets: number;
  readonly exemplarFilter: ExemplarFilter;
  /** The SDK's meter, which also receives every observation. Present if metrics are sent by OTLP. */
  readonly meter?: Meter | undefined;
}

interface CreatedInstruments<Names extends MetricName> {
  readonly instruments: Instruments<Names>;
  /**
   * Returns a metric with its current samples. There are no samples before the metric's instrument is created, except
   * for a histogram whose label sets are known in advance, because all its labels have a fixed list of values.
   */
  collect(name: MetricName): Promise<Family>;
}

/**
 * Returns functions that create the instruments of the catalogue on first use. The same name always returns the same
 * instrument.
 */
export function createInstruments<Names extends MetricName>(options: InstrumentOptions): CreatedInstruments<Names> {
  const { exemplarFilter, meter } = options;
  const declaredPipelines = new Set<string>();
  const budget: LabelBudget = {
    labelSets: options.labelSets,
    declaredPipelines,
    onOverflow: (metric) => counter('telemetry_label_overflow_total').add(1, { metric }),
  };
  const made = new Map<MetricName, MetricCells>();
  function once<Cells extends MetricCells>(name: MetricName, make: () => Cells): Cells {
    const cells = made.get(name) ?? make();
    made.set(name, cells);
    return cells as Cells;
  }
  const counter = (name: MetricName) => once(name, () => new CounterCells(name, budget, forwardCounter(meter, name)));
  const histogram = (name: MetricName) =>
    once(name, () => {
      const { buckets: bounds = [] } = metricDefinition(name);
      return new HistogramCells(name, budget, {
        bounds,
        filter: exemplarFilter,
        forward: forwardHistogram(meter, name),
      });
    });
  const instruments = {
    counter,
    histogram,
    gauge: (name: MetricName) =>
      once(name, () => forwardGauge(meter, name, new GaugeCells(name, budget, startsAtZero(name)))),
    observeGauge: (name: MetricName, read: ReadGauge) =>
      void once(name, () => forwardGauge(meter, name, new ObservedGauge(name, budget, read))),
    declarePipelines(pipelineIds: readonly string[]) {
      declaredPipelines.clear();
      for (const id of pipelineIds) declaredPipelines.add(id);
    },
  };
  return {
    instruments: instruments as unknown as Instruments<Names>,
    async collect(name) {
      const { type, help } = metricDefinition(name);
      if (type === 'histogram') histogram(name);
      return { name, type, help, samples: (await made.get(name)?.read()) ?? [] };
    },
  };
}

/** A gauge of a timestamp has no value until it is set, because 0 would mean 1970. */
function startsAtZero(gauge: MetricName): boolean {
  return !gauge.endsWith('_timestamp_seconds');
}

/** Creates instruments that do nothing, for OTEL_SDK_DISABLED. */
export function createIdleInstruments<Names extends MetricName>(): Instruments<Names> {
  const nothing = () => undefined;
  const instruments = {
    counter: () => ({ add: nothing }),
    histogram: () => ({ record: nothing, series: () => ({ record: nothing }) }),
    gauge: () => ({ set: nothing, add: nothing, reset: nothing }),
    observeGauge: nothing,
    declarePipelines: nothing,
  };
  return instruments as unknown as Instruments<Names>;
}

function forwardCounter(meter: Meter | undefined, name: MetricName) {
  return meter?.createCounter(name, { description: metricDefinition(name).help });
}

function forwardHistogram(meter: Meter | undefined, name: MetricName) {
  const { help, buckets = [] } = metricDefinition(name);
  return meter?.createHistogram(name, {
    description: help,
    advice: { explicitBucketBoundaries: [...buckets] },
  });
}

/** Makes the SDK read the values of a gauge at each export. */
function forwardGauge<Gauge extends GaugeCells | ObservedGauge>(
  meter: Meter | undefined,
  name: MetricName,
  gauge: Gauge,
): Gauge {
  meter?.createObservableGauge(name, { description: metricDefinition(name).help }).addCallback(async (result) => {
    for (const { labels, value } of await gauge.read()) result.observe(value, { ...labels });
  });
  return gauge;
}
