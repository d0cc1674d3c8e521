import {
  knownLabelSets,
  type LabelDefinition,
  type MetricName,
  metricDefinition,
  type OpenLabel,
  OTHER,
} from '#catalogue/metrics.ts';
import { type Labels, LabelTree } from './label-tree.ts';

/** The limits on label sets, shared by all metrics of a process. */
export interface LabelBudget {
  /** Maximum number of label sets of a metric, unless the catalogue sets another maximum for this metric. */
  readonly labelSets: number;
  /** Ids of the pipelines that keep series of their own even beyond the budget. */
  readonly declaredPipelines: ReadonlySet<string>;
  /** Called when a label set beyond the budget is looked up and counted under `other`. */
  readonly onOverflow: (name: MetricName) => void;
}

/**
 * The cells of one metric. A cell is the state of one label set. When the budget is used up, a new label set shares the
 * cell whose open labels have the value `other`.
 *
 * Open labels take any string; closed labels have a fixed list of values. The budget counts combinations of values of
 * the open labels. Each counted combination may have all values of the closed labels, so a pipeline with its own series
 * for successes also has one for failures.
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

  /** @param createCell creates the cell of a new label set */
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

  /** All cells, in the order of their creation. `clear` does not change an array that was returned before. */
  get cells(): readonly Cell[] {
    return this.#cells;
  }

  /**
   * Returns the cell of a label set. If the set is new and the budget is used up, returns the cell whose open labels
   * are `other`.
   */
  cellOf(labels: Labels): Cell {
    const existing = this.#tree.find(labels);
    if (existing) return existing;
    if (this.#open.length === 0 || this.#admit(labels)) return this.#place(labels);
    this.#budget.onOverflow(this.#name);
    return this.#place(this.#toOther(labels));
  }

  /** Creates the cells of the label sets that are known in advance, so that their series start at 0. */
  addKnown(): void {
    for (const labels of knownLabelSets(this.#name)) this.cellOf(labels);
  }

  /** Removes all cells and frees the budget, for gauges whose label sets come and go. */
  clear(): void {
    this.#tree.clear();
    this.#combinations.clear();
    this.#cells = [];
  }

  #admit(labels: Labels): boolean {
    if (this.#pipelineLabel && this.#budget.declaredPipelines.has(labels[this.#pipelineLabel] ?? '')) return true;
    // NUL is safe as a separator, because label values come from Postgres, which refuses NUL in strings.
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
