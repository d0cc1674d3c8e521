import type { Attributes, Context } from '@opentelemetry/api';
import type { MetricName } from '#catalogue/metrics.ts';
import { type Exemplar, type ExemplarFilter, takeExemplar } from './exemplar.ts';
import type { HistogramSeries } from './instruments.ts';
import { type LabelBudget, LabelSets } from './label-sets.ts';
import type { Labels } from './label-tree.ts';
import type { HistogramSample, Sample } from './write-family.ts';

/**
 * The state of one metric in a process: one cell for each label set. A scrape writes the cells themselves as samples,
 * so it copies nothing. An observation costs one look-up. If metrics are sent by OTLP, the SDK's instrument also
 * receives each observation.
 */
export interface MetricCells {
  /**
   * Returns the live samples. Observations made before a sample is written still change it, but sum, count and buckets
   * of one sample always agree.
   */
  read(): readonly (Sample | HistogramSample)[] | Promise<readonly Sample[]>;
}

const NO_LABELS: Labels = {};

/**
 * The instrument of OpenTelemetry's SDK that also receives each observation; undefined if metrics are not sent by OTLP.
 */
type ForwardAdd = { add(value: number, labels: Attributes): void } | undefined;
type ForwardRecord = { record(value: number, labels: Attributes, from?: Context): void } | undefined;

/** The state of one label set of a counter or gauge. An observation changes `value` in place. */
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

  /** Ignores NaN and negative values, because a counter never falls. */
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

  /**
   * @param startsAtZero whether label sets that are known in advance are reported as 0 before they are set, or not at
   * all
   */
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

  /**
   * Removes all label sets and frees the budget. If `startsAtZero`, label sets that are known in advance are then 0.
   */
  reset(): void {
    this.#sets.clear();
    if (this.#startsAtZero) this.#sets.addKnown();
  }

  read(): readonly Sample[] {
    return this.#sets.cells;
  }
}

export type ReadGauge = (observe: (value: number, labels?: Labels) => void) => void | Promise<void>;

/**
 * A gauge without stored values. Each scrape calls `observe` and reports the values that `observe` passes to its
 * callback.
 */
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

interface HistogramOptions {
  /** Upper bounds of the buckets, ascending, without +Inf. */
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

  /** Ignores NaN. */
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

/**
 * Returns the index of the first bucket with value <= bound, or of the +Inf bucket. Searches linearly, because most
 * values are in the first buckets.
 */
function findBucket(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}
