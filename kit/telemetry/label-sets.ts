import {
  DEFAULT_LABEL_SETS,
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

export const DEFAULT_BUDGET: LabelBudget = {
  labelSets: DEFAULT_LABEL_SETS,
  declaredPipelines: new Set(),
  onOverflow: () => undefined,
};

/**
 * The label sets of one metric. A set is always the same object, so that what belongs to it is found by identity, and
 * there are never more of them than the metric's budget: what comes later has `other` in its open labels.
 *
 * Admitted are combinations of open labels, each with room for every value of the closed ones: a pipeline whose successes
 * have a series of their own has one for its failures too.
 */
export class LabelSets {
  /** Those that are known before anything was observed. */
  readonly known: readonly Labels[];
  readonly #name: MetricName;
  readonly #budget: LabelBudget;
  readonly #open: readonly string[];
  readonly #pipelineLabel: string | undefined;
  readonly #maxCombinations: number;
  readonly #sets: LabelTree<Labels>;
  readonly #combinations = new Set<string>();

  constructor(name: MetricName, budget: LabelBudget = DEFAULT_BUDGET) {
    const { labels = {}, labelSets = budget.labelSets } = metricDefinition(name);
    this.#name = name;
    this.#budget = budget;
    const names = Object.keys(labels);
    this.#sets = new LabelTree(names);
    this.#open = names.filter((label) => isOpen(labels[label]));
    this.#pipelineLabel = this.#open.find((label) => isOpen(labels[label])?.pipelines);
    const closedSets = Object.values(labels).reduce((sets, values) => sets * ('open' in values ? 1 : values.length), 1);
    this.#maxCombinations = Math.max(1, Math.floor(labelSets / closedSets));
    this.known = knownLabelSets(name).map((set) => this.bound(set));
  }

  /** The set as the budget lets it be: the same object for equal labels. */
  bound(labels: Labels): Labels {
    const existing = this.#sets.find(labels);
    if (existing) return existing;
    if (this.#open.length === 0 || this.#admit(labels)) return this.#intern(labels);
    this.#budget.onOverflow(this.#name);
    return this.#intern(this.#toOther(labels));
  }

  /** Makes room again: for gauges, whose series end when they are not set any more. */
  forget(): void {
    if (this.#open.length === 0) return;
    this.#sets.clear();
    this.#combinations.clear();
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

  #intern(labels: Labels): Labels {
    return this.#sets.find(labels) ?? this.#sets.put(labels, Object.freeze({ ...labels }));
  }
}

function isOpen(definition: LabelDefinition | undefined): OpenLabel | undefined {
  return definition && 'open' in definition ? definition : undefined;
}
