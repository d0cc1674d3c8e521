import type { Attributes } from '@opentelemetry/api';
import { type Exemplar, type ExemplarFilter, takeExemplar } from './exemplar.ts';
import type { LabelSets } from './label-sets.ts';
import type { Labels } from './label-tree.ts';
import type { HistogramSample, Sample } from './write-family.ts';

/**
 * What a process knows of a metric: a cell a label set, read by scrapes as it is. An observation costs a look-up or two,
 * and a scrape nothing before it writes. Where metrics go out by OTLP too, the instrument of the SDK gets each observation
 * as well.
 */
export interface MetricCells {
  /** A sample a cell, as they are now. */
  read(): readonly (Sample | HistogramSample)[] | Promise<readonly Sample[]>;
}

const NO_LABELS: Labels = {};

/** An instrument of the OpenTelemetry SDK, for OTLP. */
type ForwardAdd = { add(value: number, labels: Attributes): void } | undefined;
type ForwardRecord = { record(value: number, labels: Attributes): void } | undefined;

/** Changed in place: an observation looks up once. */
interface ValueCell {
  value: number;
}

export class CounterCells implements MetricCells {
  readonly #cells = new Map<Labels, ValueCell>();
  readonly #sets: LabelSets;
  readonly #forward: ForwardAdd;

  constructor(sets: LabelSets, forward: ForwardAdd) {
    this.#sets = sets;
    this.#forward = forward;
    for (const labels of sets.known) this.add(0, labels);
  }

  /** What is no number of 0 or more is passed over: a counter never falls. */
  add(value: number, raw: Labels = NO_LABELS): void {
    if (!(value >= 0)) return;
    const labels = this.#sets.bound(raw);
    cellOf(this.#cells, labels).value += value;
    this.#forward?.add(value, labels);
  }

  read(): Sample[] {
    return readValues(this.#cells);
  }
}

export class GaugeCells implements MetricCells {
  readonly #cells = new Map<Labels, ValueCell>();
  readonly #sets: LabelSets;
  readonly #initial: readonly Labels[];

  /** @param initial the label sets that are 0 until they are set */
  constructor(sets: LabelSets, initial = sets.known) {
    this.#sets = sets;
    this.#initial = initial;
    this.reset();
  }

  set(value: number, labels: Labels = NO_LABELS): void {
    cellOf(this.#cells, this.#sets.bound(labels)).value = value;
  }

  add(delta: number, labels: Labels = NO_LABELS): void {
    cellOf(this.#cells, this.#sets.bound(labels)).value += delta;
  }

  /** What is not set again is gone, and its room free. */
  reset(): void {
    this.#cells.clear();
    this.#sets.forget();
    for (const labels of this.#initial) cellOf(this.#cells, labels);
  }

  read(): Sample[] {
    return readValues(this.#cells);
  }
}

export type ReadGauge = (observe: (value: number, labels?: Labels) => void) => void | Promise<void>;

/** A gauge without cells: each reading asks anew, and knows nothing of the one before. */
export class ObservedGauge implements MetricCells {
  readonly #sets: LabelSets;
  readonly #observe: ReadGauge;

  constructor(sets: LabelSets, observe: ReadGauge) {
    this.#sets = sets;
    this.#observe = observe;
  }

  async read(): Promise<Sample[]> {
    const cells = new Map<Labels, ValueCell>();
    this.#sets.forget();
    await this.#observe((value, labels = NO_LABELS) => {
      cellOf(cells, this.#sets.bound(labels)).value = value;
    });
    return readValues(cells);
  }
}

interface HistogramCell {
  sum: number;
  count: number;
  readonly counts: number[];
  readonly exemplars: Exemplar[];
}

export interface HistogramOptions {
  readonly sets: LabelSets;
  /** Upper bounds of the buckets, rising, without +Inf. */
  readonly bounds: readonly number[];
  readonly filter: ExemplarFilter;
  readonly forward: ForwardRecord;
}

export class HistogramCells implements MetricCells {
  readonly #cells = new Map<Labels, HistogramCell>();
  readonly #options: HistogramOptions;

  constructor(options: HistogramOptions) {
    this.#options = options;
    for (const labels of options.sets.known) this.#cells.set(labels, this.#empty());
  }

  /** What is no number is passed over. */
  record(value: number, raw: Labels = NO_LABELS): void {
    if (Number.isNaN(value)) return;
    const { sets, bounds, filter, forward } = this.#options;
    const labels = sets.bound(raw);
    const cell = this.#cellOf(labels);
    const bucket = findBucket(bounds, value);
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.count += 1;
    cell.sum += value;
    const exemplar = takeExemplar(value, filter);
    if (exemplar) cell.exemplars[bucket] = exemplar;
    forward?.record(value, labels);
  }

  read(): HistogramSample[] {
    const { bounds } = this.#options;
    return [...this.#cells].map(([labels, cell]) => ({ labels, bounds, ...cell }));
  }

  #cellOf(labels: Labels): HistogramCell {
    const existing = this.#cells.get(labels);
    if (existing) return existing;
    const cell = this.#empty();
    this.#cells.set(labels, cell);
    return cell;
  }

  #empty(): HistogramCell {
    return { sum: 0, count: 0, counts: Array<number>(this.#options.bounds.length + 1).fill(0), exemplars: [] };
  }
}

function cellOf(cells: Map<Labels, ValueCell>, labels: Labels): ValueCell {
  const existing = cells.get(labels);
  if (existing) return existing;
  const cell = { value: 0 };
  cells.set(labels, cell);
  return cell;
}

function readValues(cells: ReadonlyMap<Labels, ValueCell>): Sample[] {
  return [...cells].map(([labels, { value }]) => ({ labels, value }));
}

/** The first bucket whose bound is not below the value; the last is that of +Inf. Most values are small. */
function findBucket(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}
