import type { Attributes, Context } from '@opentelemetry/api';
import type { MetricName } from '#catalogue/metrics.ts';
import { type Exemplar, type ExemplarFilter, takeExemplar } from './exemplar.ts';
import type { HistogramSeries } from './instruments.ts';
import { type LabelBudget, LabelSets } from './label-sets.ts';
import type { Labels } from './label-tree.ts';
import type { HistogramSample, Sample } from './write-family.ts';

/**
 * What a process knows of a metric: a cell a label set, which is the sample that a scrape writes. An observation costs a
 * look-up, and a scrape nothing before it writes. Where metrics go out by OTLP too, the instrument of the SDK gets each
 * observation as well.
 */
export interface MetricCells {
  /** As they are when they are written: what is observed until then is in them, and a sample always agrees with itself. */
  read(): readonly (Sample | HistogramSample)[] | Promise<readonly Sample[]>;
}

const NO_LABELS: Labels = {};

/** An instrument of the OpenTelemetry SDK, for OTLP. */
type ForwardAdd = { add(value: number, labels: Attributes): void } | undefined;
type ForwardRecord = { record(value: number, labels: Attributes, from?: Context): void } | undefined;

/** Changed in place. */
interface ValueCell {
  readonly labels: Labels;
  value: number;
}

const createValueCell = (labels: Labels): ValueCell => ({ labels, value: 0 });

export class CounterCells implements MetricCells {
  readonly #sets: LabelSets<ValueCell>;
  readonly #forward: ForwardAdd;

  constructor(name: MetricName, budget: LabelBudget, forward: ForwardAdd) {
    this.#sets = new LabelSets(name, budget, createValueCell);
    this.#forward = forward;
    this.#sets.addKnown();
    for (const { labels } of this.#sets.cells) forward?.add(0, labels);
  }

  /** What is no number of 0 or more is passed over: a counter never falls. */
  add(value: number, labels: Labels = NO_LABELS): void {
    if (!(value >= 0)) return;
    const cell = this.#sets.cellOf(labels);
    cell.value += value;
    this.#forward?.add(value, cell.labels);
  }

  read(): readonly Sample[] {
    return this.#sets.cells;
  }
}

export class GaugeCells implements MetricCells {
  readonly #sets: LabelSets<ValueCell>;
  readonly #startsAtZero: boolean;

  /** @param startsAtZero whether the known label sets are 0 until they are set, and not absent */
  constructor(name: MetricName, budget: LabelBudget, startsAtZero: boolean) {
    this.#sets = new LabelSets(name, budget, createValueCell);
    this.#startsAtZero = startsAtZero;
    this.reset();
  }

  set(value: number, labels: Labels = NO_LABELS): void {
    this.#sets.cellOf(labels).value = value;
  }

  add(delta: number, labels: Labels = NO_LABELS): void {
    this.#sets.cellOf(labels).value += delta;
  }

  /** What is not set again is gone, and its room free. */
  reset(): void {
    this.#sets.clear();
    if (this.#startsAtZero) this.#sets.addKnown();
  }

  read(): readonly Sample[] {
    return this.#sets.cells;
  }
}

export type ReadGauge = (observe: (value: number, labels?: Labels) => void) => void | Promise<void>;

/** A gauge without cells: each reading asks anew, and knows nothing of the one before. */
export class ObservedGauge implements MetricCells {
  readonly #createSets: () => LabelSets<ValueCell>;
  readonly #observe: ReadGauge;

  constructor(name: MetricName, budget: LabelBudget, observe: ReadGauge) {
    this.#createSets = () => new LabelSets(name, budget, createValueCell);
    this.#observe = observe;
  }

  async read(): Promise<readonly Sample[]> {
    const sets = this.#createSets();
    await this.#observe((value, labels = NO_LABELS) => {
      sets.cellOf(labels).value = value;
    });
    return sets.cells;
  }
}

interface HistogramCell {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  sum: number;
  count: number;
  readonly counts: number[];
  readonly exemplars: Exemplar[];
}

export interface HistogramOptions {
  /** Upper bounds of the buckets, rising, without +Inf. */
  readonly bounds: readonly number[];
  readonly filter: ExemplarFilter;
  readonly forward: ForwardRecord;
}

export class HistogramCells implements MetricCells {
  readonly #sets: LabelSets<HistogramCell>;
  readonly #options: HistogramOptions;

  constructor(name: MetricName, budget: LabelBudget, options: HistogramOptions) {
    const { bounds } = options;
    const createCell = (labels: Labels): HistogramCell => {
      return { labels, bounds, sum: 0, count: 0, counts: Array<number>(bounds.length + 1).fill(0), exemplars: [] };
    };
    this.#sets = new LabelSets(name, budget, createCell);
    this.#options = options;
    this.#sets.addKnown();
  }

  /** What is no number is passed over. */
  record(value: number, labels: Labels = NO_LABELS): void {
    if (!Number.isNaN(value)) this.#recordIn(this.#sets.cellOf(labels), value);
  }

  series(labels: Labels = NO_LABELS): HistogramSeries {
    const cell = this.#sets.cellOf(labels);
    return {
      record: (value, from) => {
        if (!Number.isNaN(value)) this.#recordIn(cell, value, from);
      },
    };
  }

  read(): readonly HistogramSample[] {
    return this.#sets.cells;
  }

  #recordIn(cell: HistogramCell, value: number, from?: Context): void {
    const { filter, forward } = this.#options;
    const bucket = findBucket(cell.bounds, value);
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.count += 1;
    cell.sum += value;
    const exemplar = takeExemplar(value, filter, from);
    if (exemplar) cell.exemplars[bucket] = exemplar;
    forward?.record(value, cell.labels, from);
  }
}

/** The first bucket whose bound is not below the value; the last is that of +Inf. Most values are small. */
function findBucket(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}
