import {
  knownLabelSets,
  type LabelDefinition,
  type MetricName,
  metricDefinition,
  type OpenLabel,
  OTHER,
} from '#catalogue/metrics.ts';
import { type Labels, LabelTree } from './label-tree.ts';

/** What the label sets of all metrics of a process share. */
export interface LabelBudget {
  /** Most distinct label sets of a metric for which the catalogue names no number. */
  readonly labelSets: number;
  /** Pipelines that keep series of their own, whatever the budget. */
  readonly declaredPipelines: ReadonlySet<string>;
  /** Called for each observation that is counted under `other`. */
  readonly onOverflow: (name: MetricName) => void;
}

/**
 * The cells of one metric, one a label set: equal labels have the same cell, and there are never more of them than the
 * metric's budget. What comes later has `other` in its open labels.
 *
 * Admitted are combinations of open labels, each with room for every value of the closed ones: a pipeline whose successes
 * have a series of their own has one for its failures too.
 */
export class LabelSets<Cell> {
  readonly #name: MetricName;
  readonly #budget: LabelBudget;
  readonly #createCell: (labels: Labels) => Cell;
  readonly #open: readonly string[];
  readonly #pipelineLabel: string | undefined;
  readonly #maxCombinations: number;
  readonly #tree: LabelTree<Cell>;
  readonly #combinations = new Set<string>();
  #cells: Cell[] = [];

  /** @param createCell gives the cell of a label set that is new */
  constructor(name: MetricName, budget: LabelBudget, createCell: (labels: Labels) => Cell) {
    const { labels = {}, labelSets = budget.labelSets } = metricDefinition(name);
    this.#name = name;
    this.#budget = budget;
    this.#createCell = createCell;
    const names = Object.keys(labels);
    this.#tree = new LabelTree(names);
    this.#open = names.filter((label) => isOpen(labels[label]));
    this.#pipelineLabel = this.#open.find((label) => isOpen(labels[label])?.pipelines);
    const closedSets = Object.values(labels).reduce((sets, values) => sets * ('open' in values ? 1 : values.length), 1);
    this.#maxCombinations = Math.max(1, Math.floor(labelSets / closedSets));
  }

  /** Those that there are, in the order in which they came. What is cleared stays in an answer given before. */
  get cells(): readonly Cell[] {
    return this.#cells;
  }

  /** The cell of the labels as the budget lets them be. */
  cellOf(labels: Labels): Cell {
    const existing = this.#tree.find(labels);
    if (existing) return existing;
    if (this.#open.length === 0 || this.#admit(labels)) return this.#place(labels);
    this.#budget.onOverflow(this.#name);
    return this.#place(this.#toOther(labels));
  }

  /** Makes the cells that are there before anything was observed. */
  addKnown(): void {
    for (const labels of knownLabelSets(this.#name)) this.cellOf(labels);
  }

  /** Makes room again: for gauges, whose series end when they are not set any more. */
  clear(): void {
    this.#tree.clear();
    this.#combinations.clear();
    this.#cells = [];
  }

  #admit(labels: Labels): boolean {
    if (this.#pipelineLabel && this.#budget.declaredPipelines.has(labels[this.#pipelineLabel] ?? '')) return true;
    // NUL parts the values: Postgres, which stores what becomes a label, takes none.
    const combination = this.#open.map((label) => labels[label]).join('\0');
    if (this.#combinations.has(combination)) return true;
    if (this.#combinations.size >= this.#maxCombinations) return false;
    this.#combinations.add(combination);
    return true;
  }

  #toOther(labels: Labels): Labels {
    return { ...labels, ...Object.fromEntries(this.#open.map((label) => [label, OTHER])) };
  }

  #place(labels: Labels): Cell {
    const existing = this.#tree.find(labels);
    if (existing) return existing;
    const cell = this.#createCell(Object.freeze({ ...labels }));
    this.#cells.push(cell);
    return this.#tree.put(labels, cell);
  }
}

function isOpen(definition: LabelDefinition | undefined): OpenLabel | undefined {
  return definition && 'open' in definition ? definition : undefined;
}
