import type { Meter, ObservableResult } from '@opentelemetry/api';
import { knownLabelSets, type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import { type Instruments, LabelBudget, type Labels } from './instruments.ts';

const NO_LABELS: Labels = {};

/** Makes the catalogue's instruments on an OpenTelemetry meter. Each instrument is made once, and starts at 0. */
export function createInstruments<Names extends MetricName>(meter: Meter): Instruments<Names> {
  const made = new Map<MetricName, unknown>();
  function once<Instrument>(name: MetricName, make: (budget: LabelBudget) => Instrument): Instrument {
    const existing = made.get(name) ?? make(new LabelBudget(name));
    made.set(name, existing);
    return existing as Instrument;
  }
  const instruments = {
    counter: (name: MetricName) => once(name, (budget) => createCounter(meter, name, budget)),
    histogram: (name: MetricName) => once(name, (budget) => createHistogram(meter, name, budget)),
    gauge: (name: MetricName) => once(name, (budget) => new StoredGauge(meter, name, budget)),
    observeGauge: (name: MetricName, read: ReadGauge) =>
      once(name, (budget) => observeGauge(meter, name, budget, read)),
  };
  return instruments as unknown as Instruments<Names>;
}

type ReadGauge = (observe: (value: number, labels?: Labels) => void) => void | Promise<void>;

function createCounter(meter: Meter, name: MetricName, budget: LabelBudget) {
  const counter = meter.createCounter(name, { description: metricDefinition(name).help });
  for (const labels of knownLabelSets(name)) counter.add(0, labels);
  return { add: (value: number, labels: Labels = NO_LABELS) => counter.add(value, budget.bound(labels)) };
}

function createHistogram(meter: Meter, name: MetricName, budget: LabelBudget) {
  const { help, buckets } = metricDefinition(name);
  const histogram = meter.createHistogram(name, {
    description: help,
    ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }),
  });
  return { record: (value: number, labels: Labels = NO_LABELS) => histogram.record(value, budget.bound(labels)) };
}

function observeGauge(meter: Meter, name: MetricName, budget: LabelBudget, read: ReadGauge): void {
  const gauge = meter.createObservableGauge(name, { description: metricDefinition(name).help });
  gauge.addCallback((result: ObservableResult) =>
    read((value, labels = NO_LABELS) => result.observe(value, budget.bound(labels))),
  );
}

/** A gauge whose values stand in a map until they are collected, so that a label set can be forgotten. */
class StoredGauge {
  readonly #values = new Map<string, { labels: Labels; value: number }>();
  readonly #budget: LabelBudget;
  readonly #known: Labels[];

  constructor(meter: Meter, name: MetricName, budget: LabelBudget) {
    this.#budget = budget;
    // A time is absent until there is one: 0 would be 1970.
    this.#known = name.endsWith('_timestamp_seconds') ? [] : knownLabelSets(name);
    this.reset();
    const gauge = meter.createObservableGauge(name, { description: metricDefinition(name).help });
    gauge.addCallback((result) => {
      for (const { labels, value } of this.#values.values()) result.observe(value, labels);
    });
  }

  set(value: number, labels: Labels = NO_LABELS): void {
    this.#entry(labels).value = value;
  }

  add(delta: number, labels: Labels = NO_LABELS): void {
    this.#entry(labels).value += delta;
  }

  reset(): void {
    this.#values.clear();
    for (const labels of this.#known) this.#entry(labels);
  }

  #entry(raw: Labels): { value: number } {
    const labels = this.#budget.bound(raw);
    const key = JSON.stringify(Object.entries(labels).sort());
    let entry = this.#values.get(key);
    if (!entry) {
      entry = { labels, value: 0 };
      this.#values.set(key, entry);
    }
    return entry;
  }
}
